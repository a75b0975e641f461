#pragma once
// [notes] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::notes {

struct NotesConfig {
  std::size_t max_versions = 20;  // of one note's file
};
BOOST_DESCRIBE_STRUCT(NotesConfig, (), (max_versions))

// Throws ConfigError.
void check(const NotesConfig& notes, const Config& all);

}  // namespace stoa::notes
