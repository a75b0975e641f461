#include "features/matches/matches_store.hpp"
#include "features/matches/matches_types.hpp"

#include <stoa/matches/matches.hpp>

#include <algorithm>
#include <utility>

namespace stoa::matches {
namespace {

Partner partner_of(store::PartnerRow row) {
  Partner partner;
  partner.parts = {row.subject_points, row.offer_points, row.want_points, row.language_points,
                   row.timezone_points};
  partner.score = row.subject_points + row.offer_points + row.want_points + row.language_points +
                  row.timezone_points;
  partner.subjects = std::move(row.subjects);
  partner.offers = std::move(row.offers);
  partner.wants = std::move(row.wants);
  partner.user = std::move(static_cast<users::Profile&>(row));
  return partner;
}

}  // namespace

Task<Page<Partner>> Matches::find_partners(Caller caller, MatchQuery query) {
  auto listing =
      store::find_partners(caller.user, static_cast<int>(config_.candidates), query.limit.value);
  std::vector<store::PartnerRow> rows = co_await db_.run(std::move(listing));
  Page<Partner> page;
  for (auto& row : rows) page.items.push_back(partner_of(std::move(row)));
  co_return page;
}

Task<Page<SuggestedRoom>> Matches::suggest_rooms(Caller caller, MatchQuery query) {
  // Who is there right now is known here alone, and may bring a room before those that are a point better.
  const int limit = query.limit.value;
  auto listing = store::suggest_rooms(caller.user, static_cast<int>(config_.candidates), 2 * limit);
  std::vector<store::RoomRow> rows = co_await db_.run(std::move(listing));
  Page<SuggestedRoom> page;
  for (auto& row : rows) {
    rooms::RoomEntry entry{std::move(static_cast<rooms::RoomView&>(row)), {}};
    rooms_.refresh_presence(entry);
    const RoomParts parts{row.subject_points, row.category_points, row.people_points,
                          entry.room.active_count > 0 ? 1 : 0};
    const int score = parts.subject + parts.category + parts.people + parts.active;
    page.items.push_back({std::move(entry.room), score, parts});
  }
  std::stable_sort(page.items.begin(), page.items.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (page.items.size() > static_cast<std::size_t>(limit)) {
    page.items.resize(static_cast<std::size_t>(limit));
  }
  co_return page;
}

}  // namespace stoa::matches
