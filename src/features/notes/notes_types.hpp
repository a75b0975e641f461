#pragma once
// Requests and answers of notes. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/files/file_view.hpp>
#include <stoa/rooms/views.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace stoa::notes {

using NoteId = Id<struct NoteTag>;
using Title = Label<1, 200>;
using Description = Text<0, 5000>;

// What people look for, rather than media types.
enum class FileType { text, pdf, document, image, audio, video, archive, other };
BOOST_DESCRIBE_ENUM(FileType, text, pdf, document, image, audio, video, archive, other)

struct NoteView {
  NoteId id;
  std::string title;
  std::optional<std::string> description;
  std::optional<rooms::SubjectId> subject_id;
  std::optional<RoomId> room_id;
  std::optional<UserId> uploaded_by;  // empty when the account is gone
  std::string uploader_name;
  bool is_public = false;
  FileType file_type = FileType::other;
  // Of the newest version; empty when it was refused and is gone.
  std::optional<files::FileId> file_id;
  std::optional<files::FileState> file_state;
  std::optional<std::string> file_name;
  std::optional<std::string> media_type;
  std::optional<std::int64_t> size;
  int version = 1;
  std::int64_t view_count = 0;
  std::int64_t download_count = 0;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(NoteView, (),
                      (id, title, description, subject_id, room_id, uploaded_by, uploader_name,
                       is_public, file_type, file_id, file_state, file_name, media_type, size,
                       version, view_count, download_count, created_at, updated_at))

struct VersionView {
  int version = 0;
  std::optional<files::FileId> file_id;
  std::optional<files::FileState> file_state;
  std::optional<std::string> file_name;
  std::optional<std::string> media_type;
  std::optional<std::int64_t> size;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(VersionView, (),
                      (version, file_id, file_state, file_name, media_type, size, created_at))

struct NoteListQuery {
  std::optional<rooms::SubjectId> subject_id = {};
  std::optional<RoomId> room_id = {};
  std::optional<UserId> uploaded_by = {};
  std::optional<FileType> file_type = {};
  std::optional<Text<1, 200>> q = {};
  Or<Bounded<int, 1, 100>, 20> limit = {};
  std::optional<Cursor> cursor = {};
};
BOOST_DESCRIBE_STRUCT(NoteListQuery, (),
                      (subject_id, room_id, uploaded_by, file_type, q, limit, cursor))

struct NoteQuery {
  NoteId id;
};
BOOST_DESCRIBE_STRUCT(NoteQuery, (), (id))

struct DownloadQuery {
  NoteId id;
  std::optional<Bounded<int, 1, 1'000'000'000>> version;  // the newest without it
};
BOOST_DESCRIBE_STRUCT(DownloadQuery, (), (id, version))

// With a file, or with the id of one that was brought before.
struct NewNote {
  Title title;
  std::optional<Description> description;
  std::optional<rooms::SubjectId> subject_id;
  std::optional<RoomId> room_id;
  std::optional<bool> is_public;  // by default where it is in no room
  std::optional<files::FileId> file_id;
};
BOOST_DESCRIBE_STRUCT(NewNote, (), (title, description, subject_id, room_id, is_public, file_id))

struct NewVersion {
  NoteId id;
  std::optional<files::FileId> file_id;
};
BOOST_DESCRIBE_STRUCT(NewVersion, (), (id, file_id))

struct ChangeNote {
  NoteId id;
  std::optional<Title> title;
  Patch<Description> description;
  Patch<rooms::SubjectId> subject_id;
  std::optional<bool> is_public;
};
BOOST_DESCRIBE_STRUCT(ChangeNote, (), (id, title, description, subject_id, is_public))

FileType file_type_of(const std::string& media_type);

}  // namespace stoa::notes
