#include <stoa/core/config_check.hpp>
#include <stoa/skills/skills_config.hpp>

namespace stoa::skills {

void check(const SkillsConfig& skills, const Config&) {
  using namespace config;
  check_count("skills.max_skills_per_user", skills.max_skills_per_user, 500);
  check_count("skills.shown_from", skills.shown_from, 1000);
}

}  // namespace stoa::skills
