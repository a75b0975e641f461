// What notes are to the server.
#include "features/notes/notes_store.hpp"

#include <stoa/notes/feature.hpp>
#include <stoa/notes/notes.hpp>

namespace stoa::notes {

Feature feature() {
  return {
      .name = "notes",
      .sections = {config::section<NotesConfig, &check>("notes")},
      .make =
          [](const Platform& on) {
            auto& files = on.services.need<files::Files>();
            auto notes = std::make_shared<Notes>(
                on.db, files, on.services.need<rooms::Membership>(), on.limiter,
                on.config.section<NotesConfig>(), on.config.http.page_bytes);
            files.serve(kNoteFile, *notes);
            Module module;
            module.routes = notes_routes(*notes);
            module.exports = {
                people::lines<NoteView, &store::export_notes, &NoteView::id>(on.db, "notes.jsonl")};
            module.chores = {{"note_readers", &store::delete_old_readers}};
            module.keep = std::move(notes);
            return module;
          },
  };
}

}  // namespace stoa::notes
