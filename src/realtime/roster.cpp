#include <stoa/core/json.hpp>
#include <stoa/realtime/roster.hpp>

namespace stoa::realtime {

RosterData RosterData::parse(const DataCodec* codec, std::string_view text) {
  if (codec == nullptr || text.empty()) return {};
  const Json json = parse_json(text);
  return RosterData(codec, codec->read(json));
}

std::optional<Entry> Roster::find(const Place& place, SessionId session) const {
  std::optional<Entry> found;
  look(place, [&](const PlaceView& now) {
    if (const Entry* entry = now.find(session)) found = *entry;
  });
  return found;
}

bool Roster::is_there(const Place& place, UserId user) const {
  bool there = false;
  look(place, [&](const PlaceView& now) { there = now.sessions(user) > 0; });
  return there;
}

std::size_t Roster::count_users(const Place& place) const {
  std::size_t count = 0;
  look(place, [&count](const PlaceView& now) { count = now.sessions_of.size(); });
  return count;
}

std::vector<UserId> Roster::users(const Place& place) const {
  std::vector<UserId> users;
  look(place, [&users](const PlaceView& now) {
    users.reserve(now.sessions_of.size());
    for (const auto& [user, sessions] : now.sessions_of) users.push_back(user);
  });
  return users;
}

}  // namespace stoa::realtime
