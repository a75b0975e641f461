#pragma once
// What the audit log has of notes: that somebody else's was deleted. Plain described values.
#include <stoa/audit/audit.hpp>

#include <optional>

namespace stoa::notes {

inline constexpr audit::Action kDeleteNote{"notes.delete"};  // within the room

struct NoteState {
  std::optional<UserId> uploaded_by;
};
BOOST_DESCRIBE_STRUCT(NoteState, (), (uploaded_by))

}  // namespace stoa::notes
