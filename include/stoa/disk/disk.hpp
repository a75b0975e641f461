#pragma once
// Files, read and written by a few threads beside the shards, which never wait for a disk. The smallest use:
//
//   // where the feature is made
//   disk::Folder files = on.disk.folder("files", config.folder);
//
//   // in the service, a coroutine on a shard: what somebody uploads
//   auto writer = co_await files_.create(disk::Name::of(id.uuid), body.length().value_or(0));
//   for (;;) {
//     const auto piece = co_await body.next();
//     if (piece.empty()) break;
//     co_await writer.write(piece);
//   }
//   co_await writer.commit();   // now it is there, whole, and stays; the row that names it is committed after it
//
//   // and what is given out: <stoa/module/file_source.hpp> makes an http::Source of it
//   response.source = file_source(co_await files_.open(disk::Name::of(id.uuid)));
//
// A file appears whole or not at all: it is written beside the others under a name of its own, flushed, and renamed. What a
// process has left half written is removed at the next start. A file is deleted after the row that names it.
//
// Errors: NOT_FOUND of what is opened, read or renamed; STORAGE_FULL (507) where the file system, a quota or disk.keep_free_bytes is
// at its end; TOO_LARGE beyond what the file system takes; OVERLOADED where disk.queue or disk.max_open_files is, or descriptors
// are, used up, but never for a file that is open already; SHUTTING_DOWN. Anything else is a std::system_error, a fault of the
// machine. A failed write is never tried again on the same file.
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/time.hpp>
#include <stoa/disk/name.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::disk {

class Core;
struct Place;
struct OpenFile;

// A file that is open. It stays readable when it is replaced or removed meanwhile. On one shard, one call at a time.
class Reader {
 public:
  explicit Reader(std::shared_ptr<OpenFile> file);

  std::uint64_t size() const noexcept;  // when it was opened
  Timestamp modified() const noexcept;
  // From 1 to `most` bytes from `offset` on, valid until the next call; empty at the end. What follows on the call before is
  // mostly there already.
  Task<std::string_view> read(std::uint64_t offset, std::size_t most);

 private:
  std::shared_ptr<OpenFile> file_;
  std::string buffer_;
  std::uint64_t buffer_at_ = 0;
};

// A file that is being written and has no name yet. Forgotten unless it is committed. On one shard, one call at a time.
class Writer {
 public:
  Writer(std::shared_ptr<OpenFile> file, Name name);

  // Holds some 256 KiB before it writes them.
  Task<> write(std::string_view piece);
  // Gives it its name, also where another file has it, which is then gone. Once. After an error the file is forgotten, and what
  // it was to replace may be gone.
  Task<> commit();
  std::uint64_t size() const noexcept { return size_; }

 private:
  Task<> flush();

  std::shared_ptr<OpenFile> file_;
  Name name_;
  std::string buffer_;
  std::uint64_t size_ = 0;
};

// A folder of the configuration; files stand below it, and nothing that is done here leaves it: no link is followed. Cheap
// to copy, any thread.
class Folder {
 public:
  Task<Reader> open(Name name) const;
  // `expected`: bytes, where they are known, so that what has no room is refused before it comes.
  Task<Writer> create(Name name, std::uint64_t expected = 0) const;
  // Whole, for what is small. Error{too_large} where it has more than `most` bytes.
  Task<std::string> read(Name name, std::size_t most) const;
  Task<> write(Name name, std::string bytes) const;
  Task<> rename(Name from, Name to) const;
  // False where it was not there.
  Task<bool> remove(Name name) const;
  // What the files are called that stand in that folder of it, not deeper, in no order; none where it is not there. All of
  // them are in memory at once.
  Task<std::vector<std::string>> list(Name folder) const;

 private:
  friend class Disk;
  Folder(std::shared_ptr<Core> core, std::shared_ptr<Place> place)
      : core_(std::move(core)), place_(std::move(place)) {}

  std::shared_ptr<Core> core_;
  std::shared_ptr<Place> place_;
};

// Owned by the composition root; outlives the features, and ends before the shards do.
class Disk {
 public:
  Disk(const config::Disk& config, Metrics& metrics);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // `name` is the metrics' label. Before start(). A second one of a name is a std::logic_error.
  Folder folder(std::string name, std::filesystem::path path);
  // Makes the folders that are missing and removes what is half written, but not what another process is writing. Throws
  // std::runtime_error that names the folder. Blocks.
  void start();
  // Ends what runs and refuses what waits; blocks. Idempotent; the executors of those who wait must still live.
  void stop();

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace stoa::disk
