#include "features/notes/notes_audit.hpp"
#include "features/notes/notes_store.hpp"
#include "features/notes/notes_types.hpp"

#include <stoa/core/paging.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/module/once.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/notes/notes.hpp>
#include <stoa/postgres/search_query.hpp>
#include <stoa/rooms/voice.hpp>
#include <stoa/rooms/who_may.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace stoa::notes {
namespace {

constexpr std::string_view kOnlyItsAuthor = "Only its author changes a note";

std::optional<UserId> user_of(const Visitor& visitor) {
  return visitor.caller ? std::optional(visitor.caller->user) : std::nullopt;
}

// A note that is in no room is for everybody.
void require_readers(bool is_public, const std::optional<RoomId>& room) {
  if (is_public || room) return;
  Issues issues;
  issues.enter("isPublic");
  issues.add("invalid_value", "A note that is in no room is public");
  issues.raise();
}

}  // namespace

FileType file_type_of(const std::string& media_type) {
  const auto begins = [&](std::string_view with) { return media_type.starts_with(with); };
  if (media_type == "text/plain") return FileType::text;
  if (media_type == "application/pdf") return FileType::pdf;
  if (begins("image/")) return FileType::image;
  if (begins("audio/")) return FileType::audio;
  if (begins("video/")) return FileType::video;
  if (begins("application/vnd.") || media_type == "application/msword" ||
      media_type == "application/epub+zip") {
    return FileType::document;
  }
  return media_type == "application/zip" ? FileType::archive : FileType::other;
}

Notes::Notes(pg::Database& db, files::Files& files, rooms::Membership& rooms,
             net::RateLimiter& limiter, const NotesConfig& config, std::size_t page_bytes)
    : db_(db),
      files_(files),
      rooms_(rooms),
      limiter_(limiter),
      config_(config),
      page_bytes_(page_bytes) {}

// The index of words gives nothing back when a note is deleted.
void Notes::weigh(UserId author, const std::optional<Description>& text) const {
  if (!text) return;
  limiter_.draw_bytes(Limit::write, net::RateKey::of(author), pg::surcharge_of(text->value),
                      net::RateLimiter::Clock::now());
}

// ---- Looking ----

// Two lists that are each in an index's order are one by the newest of both. Where either stopped since its texts are long, the page
// ends before that.
Task<Page<NoteView>> Notes::list(Visitor visitor, NoteListQuery query) {
  const auto before = id_of<NoteId>(query.cursor);
  const auto user = user_of(visitor);
  const TurnKey whom = net::turn_of(visitor);
  auto of_all = store::list_public(query, before, page_bytes_, whom);
  std::vector<NoteView> notes = co_await db_.run(std::move(of_all));
  if (user) {
    auto of_rooms = store::list_in_rooms(*user, query, before, page_bytes_, whom);
    std::vector<NoteView> more = co_await db_.run(std::move(of_rooms));
    notes = merged_by_id(std::move(notes), std::move(more));
  }
  co_return page_by_id(std::move(notes), *query.limit, page_bytes_);
}

Task<NoteView> Notes::get(Visitor visitor, NoteQuery query) {
  const auto user = user_of(visitor);
  auto found = co_await db_.run(store::find_note(query.id, user));
  NoteView note = require_found(std::move(found));
  if (!user) co_return note;
  const auto counted = co_await db_.run(store::count(query.id, *user, store::Seen::view));
  note.view_count += counted.value;
  co_return note;
}

Task<Page<VersionView>> Notes::versions(Visitor visitor, NoteQuery query) {
  auto found = co_await db_.run(store::find_note(query.id, user_of(visitor)));
  require_found(std::move(found));
  auto versions = co_await db_.run(store::list_versions(query.id));
  co_return Page<VersionView>{std::move(versions), std::nullopt};
}

Task<http::Download> Notes::download(Caller caller, DownloadQuery query) {
  auto found = co_await db_.run(store::find_note(query.id, caller.user));
  const NoteView note = require_found(std::move(found));
  std::optional<files::FileId> id = note.file_id;
  if (query.version && query.version->value != note.version) {
    id = co_await db_.run(store::find_version(query.id, query.version->value));
  }
  std::vector<files::FileId> ids;
  ids.push_back(require_found(std::move(id)));
  std::vector<files::File> files = co_await files_.find(std::move(ids));
  if (files.empty()) throw Error(Code::not_found);
  auto download =
      co_await files_.give(std::move(files.front()), net::share_of(*caller.client, caller));
  co_await db_.run(store::count(query.id, caller.user, store::Seen::download));
  co_return download;
}

// ---- Changing ----
//
// Who may is asked before a file comes, which may take an hour, and once more in the transaction that makes something of it.

Task<files::File> Notes::file_for(Creator creator, std::optional<files::FileId> id,
                                  std::optional<http::FormFile> file, std::optional<RoomId> room) {
  if (id.has_value() == file.has_value()) {
    Issues issues;
    issues.enter(id ? "fileId" : "file");
    if (id) {
      issues.add("invalid_value", "Send a file, or the id of one, but not both");
    } else {
      issues.required("file");
    }
    issues.raise();
  }
  if (file) {
    auto incoming = files::Incoming::of(*file);
    const auto sha256 = std::make_shared<std::string>();
    incoming.sha256 = sha256;
    const auto key = creator.key;
    const files::FileView brought =
        co_await files_.receive(std::move(creator), kNoteFile, room, std::move(incoming));
    if (key) key->fingerprint += *sha256;
    id = brought.id;
  }
  std::vector<files::FileId> ids(1, *id);
  std::vector<files::File> found = co_await files_.find(std::move(ids));
  if (found.empty()) throw Error(Code::not_found, "You have brought no such file");
  co_return std::move(found.front());
}

Task<std::optional<NoteView>> Notes::answer_of_then(const Creator& creator,
                                                    std::optional<http::FormFile> file) {
  if (!file) co_return std::nullopt;
  auto key = creator.key;
  auto incoming = files::Incoming::of(*file);
  if (!co_await files_.has_come(creator.user, net::share_of(*creator.client, creator),
                                std::move(key), std::move(incoming))) {
    co_return std::nullopt;
  }
  auto then = stoa::answer_of_then<NoteView>(creator.user, creator.key);
  std::optional<NoteView> answer = co_await db_.transaction(std::move(then));
  co_return answer;
}

Task<NoteView> Notes::give(const Creator& creator, files::File brought, bool is_new,
                           std::function<NoteView(pg::Tx&)> work) {
  auto giving = once(creator, std::move(work));
  std::optional<NoteView> note;
  std::exception_ptr failure;
  try {
    note = co_await db_.transaction(std::move(giving));
  } catch (...) {
    failure = std::current_exception();
  }
  // What no note has, since the work failed or was done before.
  if (is_new && (failure || creator.key)) {
    co_await db_.run(files::drop_loose(brought.id, creator.user));
  }
  if (failure) std::rethrow_exception(failure);
  co_return std::move(*note);
}

Task<NoteView> Notes::create(Creator creator, NewNote note, std::optional<http::FormFile> file) {
  const bool for_all = note.is_public.value_or(!note.room_id);
  require_readers(for_all, note.room_id);
  const UserId author = creator.user;
  // Who may is asked once more where the file comes with the form, and here for one that was brought before.
  Caller asking = creator;
  co_await require_uploader(std::move(asking), note.room_id);
  if (!note.file_id) {
    if (auto then = co_await answer_of_then(creator, file)) co_return std::move(*then);
  }
  const bool is_new = file.has_value();
  Creator bringing = creator;
  files::File brought = co_await file_for(std::move(bringing), note.file_id, file, note.room_id);
  std::function<NoteView(pg::Tx&)> work = [this, id = NoteId::make(), author, note, for_all,
                                           brought](pg::Tx& tx) {
    if (note.room_id) rooms::require_voice(tx, *note.room_id, author);
    store::insert_note(tx, id, author, note, for_all);
    tx.on_commit([this, author, text = note.description] { weigh(author, text); });
    const files::File held = files::keep(tx, brought.id, author, kNoteFile, note.room_id, id.uuid);
    store::insert_version(tx, id, 1, held);
    return require_found(tx.run(store::find_note(id, author)));
  };
  auto made = co_await give(creator, std::move(brought), is_new, std::move(work));
  co_return made;
}

Task<std::optional<RoomId>> Notes::require_author(Caller caller, NoteId id) {
  auto found = co_await db_.run(store::find_note(id, caller.user));
  const NoteView note = require_found(std::move(found));
  require_owner(note.uploaded_by, caller.user, kOnlyItsAuthor);
  co_await require_uploader(std::move(caller), note.room_id);
  co_return note.room_id;
}

Task<NoteView> Notes::change(Caller caller, ChangeNote change) {
  Caller asking = caller;
  co_await require_author(std::move(asking), change.id);
  auto work = [this, change = std::move(change), user = caller.user](pg::Tx& tx) {
    const auto note = require_found(tx.run(store::lock_note(change.id, user)));
    require_owner(note.uploaded_by, user, kOnlyItsAuthor);
    if (note.room_id) rooms::require_voice(tx, *note.room_id, user);
    require_readers(change.is_public.value_or(note.is_public), note.room_id);
    store::update_note(tx, change);
    tx.on_commit([this, user, text = change.description.value] { weigh(user, text); });
    return require_found(tx.run(store::find_note(change.id, user)));
  };
  auto note = co_await db_.transaction(std::move(work));
  co_return note;
}

Task<> Notes::remove(Caller caller, NoteQuery query) {
  auto work = [id = query.id, caller = std::move(caller)](pg::Tx& tx) {
    const auto note = require_found(tx.run(store::lock_note(id, caller.user)));
    // Whoever is in no room with it has the lowest rank there is.
    require_owner_or_rank(note.uploaded_by, caller.user,
                          note.role.value_or(rooms::RoomRole::member), rooms::RoomRole::moderator,
                          "Only its author or a moderator deletes a note");
    tx.run(files::drop_held(id.uuid));
    tx.run(store::delete_note(id));
    if (note.uploaded_by == caller.user) return;
    audit::write(tx, caller, kDeleteNote, {{"note", id}, audit::Thing("room", *note.room_id)},
                 NoteState{note.uploaded_by}, audit::kNothing);
  };
  co_await db_.transaction(std::move(work));
}

Task<NoteView> Notes::add_version(Creator creator, NewVersion version,
                                  std::optional<http::FormFile> file) {
  const UserId author = creator.user;
  Caller asking = creator;
  const auto room = co_await require_author(std::move(asking), version.id);
  if (!version.file_id) {
    if (auto then = co_await answer_of_then(creator, file)) co_return std::move(*then);
  }
  const bool is_new = file.has_value();
  Creator bringing = creator;
  files::File brought = co_await file_for(std::move(bringing), version.file_id, file, room);
  const int kept = static_cast<int>(config_.max_versions);
  std::function<NoteView(pg::Tx&)> work = [id = version.id, author, brought, kept](pg::Tx& tx) {
    const auto standing = require_found(tx.run(store::lock_note(id, author)));
    if (standing.room_id) rooms::require_voice(tx, *standing.room_id, author);
    if (tx.run(store::has_file(id, brought.id))) {
      throw Error(files::kInUse, "A version of this note has that file already");
    }
    const files::File held =
        files::keep(tx, brought.id, author, kNoteFile, standing.room_id, id.uuid);
    store::insert_version(tx, id, standing.version + 1, held);
    for (const auto& old : store::delete_old_versions(tx, id, kept)) {
      if (old) tx.run(files::drop_held(id.uuid, *old));
    }
    return require_found(tx.run(store::find_note(id, author)));
  };
  auto changed = co_await give(creator, std::move(brought), is_new, std::move(work));
  co_return changed;
}

// ---- Whose files they are ----

Task<> Notes::require_uploader(Caller caller, std::optional<RoomId> room) {
  if (!room) co_return;
  const auto member = co_await rooms_.get_member(caller.user, *room);
  rooms::require_voice(member.muted_until);
}

Task<> Notes::require_reader(UserId reader, const files::File& file) {
  auto note = co_await db_.run(store::find_note(NoteId{*file.held_by}, reader));
  require_found(std::move(note));
}

}  // namespace stoa::notes
