#pragma once
// Requests and answers of files. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/files/file_view.hpp>
#include <stoa/jobs/job.hpp>
#include <stoa/realtime/outgoing.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace stoa::files {

using KindName = Text<1, 32>;

struct NewUpload {
  KindName kind;
  std::optional<RoomId> room_id;
};
BOOST_DESCRIBE_STRUCT(NewUpload, (), (kind, room_id))

struct FileQuery {
  FileId id;
};
BOOST_DESCRIBE_STRUCT(FileQuery, (), (id))

// Pixels on the longer side: the least picture is given out that has so many, or the file itself.
using PictureSize = Bounded<int, 1, 100'000>;

struct FileDownload {
  FileId id;
  std::optional<PictureSize> size;
};
BOOST_DESCRIBE_STRUCT(FileDownload, (), (id, size))

struct LinkQuery {
  FileId id;
  Text<1, 200> token;
};
BOOST_DESCRIBE_STRUCT(LinkQuery, (), (id, token))

struct ContentQuery : LinkQuery {
  std::optional<PictureSize> size;
};
BOOST_DESCRIBE_STRUCT(ContentQuery, (LinkQuery), (size))

struct FileListQuery {
  std::optional<KindName> kind;
  Or<Bounded<int, 1, 100>, 20> limit;
  std::optional<Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(FileListQuery, (), (kind, limit, cursor))

// A way to the bytes that needs no header. Below the server's own address where it begins with a slash.
struct FileLink {
  std::string url;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(FileLink, (), (url, expires_at))

// A file that is to come by itself.
struct UploadWish {
  KindName kind;
  std::optional<RoomId> room_id;
  Label<1, 255> name;
  Bounded<std::int64_t, 0, std::int64_t{1} << 36> size;
};
BOOST_DESCRIBE_STRUCT(UploadWish, (), (kind, room_id, name, size))

struct UploadHeader {
  std::string name;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(UploadHeader, (), (name, value))

// The request that brings it, with these headers and no token.
struct UploadWay {
  std::string method;
  std::string url;
  std::vector<UploadHeader> headers;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(UploadWay, (), (method, url, headers, expires_at))

// What is kept of the answer where the request came with a key: its way has a secret, and is made anew.
struct BegunFile {
  FileView file;
  Timestamp until;
};
BOOST_DESCRIBE_STRUCT(BegunFile, (), (file, until))

struct BegunUpload {
  FileView file;
  UploadWay upload;
};
BOOST_DESCRIBE_STRUCT(BegunUpload, (), (file, upload))

struct Usage {
  std::int64_t bytes = 0;
  std::int64_t files = 0;
  std::int64_t max_bytes = 0;
  std::int64_t max_files = 0;
  std::int64_t max_file_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(Usage, (), (bytes, files, max_bytes, max_files, max_file_bytes))

// ---- Jobs ----

struct RemoveFile {
  FileId file;
  bool by_link = false;
  Or<bool, true> with_sizes;  // jobs from before there were some do not say
};
BOOST_DESCRIBE_STRUCT(RemoveFile, (), (file, by_link, with_sizes))
inline constexpr jobs::Kind<RemoveFile> kRemoveFile{"remove_file"};

// What a file was written as before it was whole: its link may have been used once more.
struct RemoveStaged {
  FileId file;
};
BOOST_DESCRIBE_STRUCT(RemoveStaged, (), (file))
inline constexpr jobs::Kind<RemoveStaged> kRemoveStaged{"remove_staged_file"};

// What came by links of the storage when their rows were gone: a link is good for beginning, and who sends slowly ends later.
struct RemoveStrays {};
BOOST_DESCRIBE_STRUCT(RemoveStrays, (), ())
inline constexpr jobs::Kind<RemoveStrays> kRemoveStrays{"remove_stray_uploads",
                                                        {.time_limit = std::chrono::hours(1)}};

// What is to be known of it, and whether it is harmful.
struct ExamineFile {
  FileId file;
};
BOOST_DESCRIBE_STRUCT(ExamineFile, (), (file))
// A large file is copied, read and scanned in one attempt, each within the time of its own.
inline constexpr jobs::Kind<ExamineFile> kExamineFile{"examine_file",
                                                      {.time_limit = std::chrono::hours(2)}};

// ---- Events ----

inline constexpr realtime::Outgoing<FileView> kFileUpdated{
    "file_updated", "A file of one's own is ready by now, or was refused"};

}  // namespace stoa::files
