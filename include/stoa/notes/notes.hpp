#pragma once
// Notes: a file with a title, which whoever brings it gives to everybody or to a room. Its file may be replaced; what it was
// before stays for a while. Files are <stoa/files/files.hpp>'s, so all that holds for them holds here. Owned by the feature, any
// shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/files/files.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/route.hpp>
#include <stoa/http/source.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/notes/notes_config.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/rooms/membership.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace stoa::notes {

struct ChangeNote;
struct DownloadQuery;
struct NewNote;
struct NewVersion;
struct NoteListQuery;
struct NoteQuery;
struct NoteView;
struct VersionView;

// Of files that notes have.
inline constexpr files::Kind kNoteFile{"note", files::In::room_or_none};

class Notes final : public files::Keeper {
 public:
  // `page_bytes`: of a list's rows in an answer.
  Notes(pg::Database& db, files::Files& files, rooms::Membership& rooms, net::RateLimiter& limiter,
        const NotesConfig& config, std::size_t page_bytes);

  // Public ones, and those of the rooms that whoever asks is in; the newest first.
  Task<Page<NoteView>> list(Visitor visitor, NoteListQuery query);
  // Counts as a view, once a person and day.
  Task<NoteView> get(Visitor visitor, NoteQuery query);
  Task<NoteView> create(Creator creator, NewNote note, std::optional<http::FormFile> file);
  Task<NoteView> change(Caller caller, ChangeNote change);
  // By its author, or a moderator of its room.
  Task<> remove(Caller caller, NoteQuery query);
  Task<NoteView> add_version(Creator creator, NewVersion version,
                             std::optional<http::FormFile> file);
  Task<Page<VersionView>> versions(Visitor visitor, NoteQuery query);
  // Counts as a download, once a person and day.
  Task<http::Download> download(Caller caller, DownloadQuery query);

  // files::Keeper: members may bring files into a room while they may speak, everybody for everybody; whoever may see a note
  // may have its files.
  Task<> require_uploader(Caller caller, std::optional<RoomId> room) override;
  Task<> require_reader(UserId reader, const files::File& file) override;

  const files::FilesConfig& file_limits() const noexcept { return files_.config(); }

 private:
  // Brings it, or finds the one that was brought before. Throws Error{invalid_fields} where there is neither, or both.
  Task<files::File> file_for(Creator creator, std::optional<files::FileId> id,
                             std::optional<http::FormFile> file, std::optional<RoomId> room);

  // What a note's words count in rate_limits.changes beyond their bytes, which are counted already.
  void weigh(UserId author, const std::optional<Text<0, 5000>>& text) const;

  // Whether he may change it now: his own, and in a room where he may write. Answers the room. Throws Error as the rows do.
  Task<std::optional<RoomId>> require_author(Caller caller, NoteId id);
  // What was answered where the form was sent before, with its key.
  Task<std::optional<NoteView>> answer_of_then(const Creator& creator,
                                               std::optional<http::FormFile> file);
  // The note that the work makes or changes with a file; where that is new and the work fails, or was done before, it is dropped.
  Task<NoteView> give(const Creator& creator, files::File brought, bool is_new,
                      std::function<NoteView(pg::Tx&)> work);

  pg::Database& db_;
  files::Files& files_;
  rooms::Membership& rooms_;
  net::RateLimiter& limiter_;
  const NotesConfig& config_;
  const std::size_t page_bytes_;
};

http::Routes notes_routes(Notes& notes);

}  // namespace stoa::notes
