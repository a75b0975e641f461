#pragma once
// [subjects] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::subjects {

struct SubjectsConfig {
  std::size_t max_subjects = 500;  // all are answered in one list
  std::size_t max_subjects_per_user = 50;
};
BOOST_DESCRIBE_STRUCT(SubjectsConfig, (), (max_subjects, max_subjects_per_user))

// Throws ConfigError.
void check(const SubjectsConfig& subjects, const Config& all);

}  // namespace stoa::subjects
