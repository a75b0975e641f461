// What skills is to the server.
#include "features/skills/skills_store.hpp"

#include <stoa/skills/feature.hpp>
#include <stoa/skills/skills.hpp>
#include <stoa/skills/skills_config.hpp>

namespace stoa::skills {

Feature feature() {
  return {
      .name = "skills",
      .sections = {config::section<SkillsConfig, &check>("skills")},
      .make =
          [](const Platform& on) {
            auto skills = std::make_shared<Skills>(on.db, on.config.section<SkillsConfig>());
            Module module;
            module.routes = skills_routes(*skills);
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              store::set_of(tx, who.user, {});
            };
            module.exports = {people::lines<OwnSkill, &store::list_of>(on.db, "skills.jsonl")};
            module.keep = std::move(skills);
            return module;
          },
  };
}

}  // namespace stoa::skills
