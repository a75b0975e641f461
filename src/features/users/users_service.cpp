#include "features/users/time_zones.hpp"
#include "features/users/users_store.hpp"
#include "features/users/users_types.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/core/text.hpp>
#include <stoa/users/users.hpp>

namespace stoa::users {
namespace {

// A person has a name, a time zone and a language, and may be found or not: these can be changed, not cleared.
void refuse_cleared(const ProfileChanges& changes) {
  Issues issues;
  const auto check = [&](std::string_view name, bool clears, std::string_view type = "string") {
    if (!clears) return;
    issues.enter(name);
    issues.invalid_type(type, Json(nullptr));
    issues.leave();
  };
  check("fullName", changes.full_name.clears());
  check("timezone", changes.timezone.clears());
  check("locale", changes.locale.clears());
  check("isFindable", changes.is_findable.clears(), "boolean");
  check("isMatched", changes.is_matched.clears(), "boolean");
  if (!issues.empty()) issues.raise();
}

[[noreturn]] void refuse_time_zone() {
  Issues issues;
  issues.enter("timezone");
  issues.add("invalid_string", "There is no such time zone", {{"validation", "timezone"}});
  issues.raise();
}

}  // namespace

Users::Users(pg::Database& db) : db_(db), time_zones_(std::make_unique<TimeZones>(db)) {}

Users::~Users() = default;

Task<User> Users::me(Caller caller) {
  User user = co_await db_.run(get_user(caller.user));
  co_return user;
}

Task<User> Users::change_me(Caller caller, ProfileChanges changes) {
  refuse_cleared(changes);
  if (const auto& zone = changes.timezone.value) {
    // One of the two has newer data, whichever was installed later.
    const bool known = is_time_zone(zone->value) || co_await time_zones_->has(zone->value);
    if (!known) refuse_time_zone();
  }
  auto work = [id = caller.user, changes = std::move(changes)](pg::Tx& tx) {
    return store::update_user(tx, id, changes);
  };
  User user = co_await db_.transaction(std::move(work));
  co_return user;
}

Task<Profile> Users::profile(Caller caller, UserPath path) {
  Profile profile = co_await db_.run(store::get_profile(caller.user, path.id));
  co_return profile;
}

Task<Page<Profile>> Users::search(Caller caller, UserSearch query) {
  const auto before = id_of<UserId>(query.cursor);
  const int limit = query.limit.value;
  std::optional<std::string> part;
  if (query.q) part = query.q->value;
  auto listing = store::list_profiles(caller.user, part, before, limit + 1);
  std::vector<Profile> items = co_await db_.run(std::move(listing));
  co_return page_by_id(std::move(items), limit);
}

}  // namespace stoa::users
