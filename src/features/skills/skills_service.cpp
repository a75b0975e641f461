#include "features/skills/skills_store.hpp"
#include "features/skills/skills_types.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/core/text.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/skills/skills.hpp>

#include <cstdint>
#include <set>
#include <utility>

namespace stoa::skills {
namespace {

// What the types of the fields cannot say, of all of them.
void check_given(const std::vector<GivenSkill>& skills, std::size_t most) {
  Issues issues;
  std::set<std::string, std::less<>> seen;
  issues.enter("skills");
  if (skills.size() > most) issues.too_many(most);
  for (std::size_t i = 0; i < skills.size(); ++i) {
    const GivenSkill& skill = skills[i];
    issues.enter(i);
    issues.enter("name");
    if (longest_word(skill.name.value) == 0) {
      issues.add("invalid_string", "A skill has a letter or a digit");
    } else if (!seen.insert(small_letters(skill.name.value)).second) {
      issues.add("not_unique", "This skill stands there twice");
    }
    issues.leave();
    if (!skill.offered.value && !skill.wanted.value) {
      issues.enter("offered");
      issues.add("one_of_two", "A skill is offered, wanted or both");
      issues.leave();
    }
    issues.leave();
  }
  issues.leave();
  if (!issues.empty()) issues.raise();
}

}  // namespace

Task<Page<OwnSkill>> Skills::list_mine(Caller caller) {
  Page<OwnSkill> page;
  page.items = co_await db_.run(store::list_of(caller.user));
  co_return page;
}

Task<Page<OwnSkill>> Skills::set_mine(Caller caller, SetSkills request) {
  check_given(request.skills.items, config_.max_skills_per_user);
  auto work = [user = caller.user, skills = std::move(request.skills.items)](pg::Tx& tx) {
    store::set_of(tx, user, skills);
    return tx.run(store::list_of(user));
  };
  Page<OwnSkill> page;
  page.items = co_await db_.transaction(std::move(work));
  co_return page;
}

Task<Page<SkillShown>> Skills::search(Caller caller, SkillsQuery query) {
  std::optional<std::string> part;
  if (query.q) part = std::move(query.q->value);
  const int limit = *query.limit;
  auto listing = store::search(part, static_cast<int>(config_.shown_from),
                               keys_of<std::int64_t, SkillId>(query.cursor), limit + 1,
                               net::turn_of(caller.user));
  std::vector<SkillShown> skills = co_await db_.run(std::move(listing));
  co_return page_of(std::move(skills), limit, [](const SkillShown& last) {
    return cursor_of(std::int64_t{last.people}, last.id);
  });
}

}  // namespace stoa::skills
