#pragma once
// [skills] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::skills {

struct SkillsConfig {
  std::size_t max_skills_per_user = 50;
  std::size_t shown_from = 2;  // people who have a skill, before others are shown it
};
BOOST_DESCRIBE_STRUCT(SkillsConfig, (), (max_skills_per_user, shown_from))

// Throws ConfigError.
void check(const SkillsConfig& skills, const Config& all);

}  // namespace stoa::skills
