#include "features/notes/notes_audit.hpp"
#include "features/notes/notes_store.hpp"

#include <stoa/core/error.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/notes/operator_acts.hpp>

namespace stoa::notes {

void delete_note(pg::Tx& tx, const std::string& text) {
  const auto id = NoteId::parse(text);
  const auto note = id ? tx.run(store::lock_any_note(*id)) : std::nullopt;
  if (!note) throw Error(Code::not_found, "no note has the id " + text);
  tx.run(files::drop_held(id->uuid));
  tx.run(store::delete_note(*id));
  audit::Target target{{"note", *id}};
  if (note->room_id) target.within.emplace("room", *note->room_id);
  audit::write(tx, audit::Actor::the_operator(), kDeleteNote, target, NoteState{note->uploaded_by},
               audit::kNothing);
}

}  // namespace stoa::notes
