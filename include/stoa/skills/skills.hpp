#pragma once
// What people can do and want to learn. A skill is made by whoever names it first and is gone with the last who has it, so that
// there are never more than people have; others are shown those that several have. Owned by the feature; members may be called
// on any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/skills/skills_config.hpp>

namespace stoa::skills {

struct OwnSkill;
struct SetSkills;
struct SkillsQuery;
struct SkillShown;

class Skills {
 public:
  Skills(pg::Database& db, const SkillsConfig& config) : db_(db), config_(config) {}

  Task<Page<OwnSkill>> list_mine(Caller caller);
  // In place of all that one had.
  Task<Page<OwnSkill>> set_mine(Caller caller, SetSkills request);
  // Those that most people have, with a part of the name where one is given.
  Task<Page<SkillShown>> search(Caller caller, SkillsQuery query);

 private:
  pg::Database& db_;
  const SkillsConfig& config_;
};

http::Routes skills_routes(Skills& skills);

}  // namespace stoa::skills
