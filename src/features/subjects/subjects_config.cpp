#include <stoa/core/config_check.hpp>
#include <stoa/subjects/subjects_config.hpp>

namespace stoa::subjects {

void check(const SubjectsConfig& subjects, const Config&) {
  using namespace config;
  check_count("subjects.max_subjects", subjects.max_subjects, 2000);
  check_count("subjects.max_subjects_per_user", subjects.max_subjects_per_user, 500);
}

}  // namespace stoa::subjects
