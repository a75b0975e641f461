#pragma once
// What the routes of skills take and answer. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::skills {

using SkillId = Id<struct SkillTag>;

enum class Level { beginner, intermediate, advanced, expert };
BOOST_DESCRIBE_ENUM(Level, beginner, intermediate, advanced, expert)

// Offered to others, wanted by oneself, or both.
struct GivenSkill {
  Label<1, 60> name;
  Level level = Level::beginner;
  Or<bool, false> offered;
  Or<bool, false> wanted;
};
BOOST_DESCRIBE_STRUCT(GivenSkill, (), (name, level, offered, wanted))

// Above any sensible configuration; what is in force is skills.max_skills_per_user.
struct SetSkills {
  List<GivenSkill, 500> skills;
};
BOOST_DESCRIBE_STRUCT(SetSkills, (), (skills))

struct SkillsQuery : PageQuery {
  std::optional<Label<1, 60>> q;  // a part of the name
};
BOOST_DESCRIBE_STRUCT(SkillsQuery, (PageQuery), (q))

struct OwnSkill {
  SkillId id;
  std::string name;  // as whoever named it first wrote it
  Level level = Level::beginner;
  bool offered = false;
  bool wanted = false;
};
BOOST_DESCRIBE_STRUCT(OwnSkill, (), (id, name, level, offered, wanted))

struct SkillShown {
  SkillId id;
  std::string name;
  int people = 0;  // who have it
};
BOOST_DESCRIBE_STRUCT(SkillShown, (), (id, name, people))

}  // namespace stoa::skills
