// What subjects is to the server.
#include "features/subjects/subjects_codes.hpp"
#include "features/subjects/subjects_store.hpp"

#include <stoa/subjects/feature.hpp>
#include <stoa/subjects/subjects.hpp>
#include <stoa/subjects/subjects_config.hpp>

namespace stoa::subjects {

Feature feature() {
  return {
      .name = "subjects",
      .sections = {config::section<SubjectsConfig, &check>("subjects")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto subjects = std::make_shared<Subjects>(on.db, on.config.section<SubjectsConfig>());
            Module module;
            module.routes = subjects_routes(*subjects);
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(store::delete_all_of(who.user));
            };
            module.exports = {people::lines<Subject, &store::list_of>(on.db, "subjects.jsonl")};
            module.keep = std::move(subjects);
            return module;
          },
  };
}

}  // namespace stoa::subjects
