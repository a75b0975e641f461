#include <stoa/core/config_check.hpp>
#include <stoa/notes/notes_config.hpp>

namespace stoa::notes {

void check(const NotesConfig& notes, const Config&) {
  config::check_count("notes.max_versions", notes.max_versions, 1000);
}

}  // namespace stoa::notes
