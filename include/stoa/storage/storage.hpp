#pragma once
// Where the bytes of files lie: in a folder of this machine (engine "local"), or at a service that speaks S3 (engine "s3"). The
// smallest use:
//
//   const storage::NewObject object{.expected = length, .media_type = type};   // named: GCC 12 destroys one that is made in the call twice
//   auto sink = co_await storage_.create(storage::Key::of("files", id.uuid), object);
//   for (...) co_await sink->write(piece);
//   co_await sink->commit();                  // now it is there, whole; the row that names it says so after that
//
//   response.source = object_source(co_await storage_.open(key));    // <stoa/module/file_source.hpp>
//
// An object appears whole or not at all. What a process leaves half written is swept. An object is removed before the last row
// that names it is.
//
// Errors: NOT_FOUND of what is opened or copied; STORAGE_FULL (507); TOO_LARGE beyond what the engine takes; OVERLOADED;
// STORAGE_UNAVAILABLE (503) where the service does not answer, or refuses us; SHUTTING_DOWN.
#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::storage {

inline constexpr Code kStorageUnavailable{"STORAGE_UNAVAILABLE", 503,
                                          "Files cannot be reached; try again later"};

// STORAGE_UNAVAILABLE. Its message is for people; the reason, for who runs the server, is in no answer.
class Unavailable : public Error {
 public:
  explicit Unavailable(std::string reason)
      : Error(kStorageUnavailable), reason_(std::move(reason)) {}

  // "status 503", "AccessDenied (status 403)", "refused (fetch.private_networks does not name it)"
  const std::string& reason() const noexcept { return reason_; }

 private:
  std::string reason_;
};

// What an object is called. Made of an id and of literals of the code, never of what a client sends.
class Key {
 public:
  // "files/7f/018f...7f"; with a part of it, "files/7f/018f...7f.512". Folder and part: a-z, 0-9, "-" and "_".
  static Key of(std::string_view folder, const Uuid& id, std::string_view part = {});

  // What all keys of a folder begin with whose ids end in that byte: "files/7f/".
  static std::string prefix_of(std::string_view folder, std::uint8_t part);

  const std::string& str() const noexcept { return text_; }

 private:
  explicit Key(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// An object as its folder lists it: Key::of(folder, id, part).
struct Listed {
  Uuid id;
  std::string part;

  // Of a key's last piece, "018f...7f.512"; empty for what no key is called.
  static std::optional<Listed> parse(std::string_view name);
};

struct NewObject {
  std::uint64_t expected =
      0;  // bytes, where they are known, so that what has no room is refused before it comes
  std::string media_type = "application/octet-stream";
};

// An object that is being written. Forgotten unless it is committed. On one shard, one call at a time.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Task<> write(std::string_view piece) = 0;
  // Once; also where another of that key is there, which is then gone. After an error the object is forgotten.
  virtual Task<> commit() = 0;
  // The most bytes that it keeps in memory: for body.keeps().
  virtual std::size_t held() const noexcept = 0;
};

// An object that is open. On one shard, one call at a time.
class Object {
 public:
  virtual ~Object() = default;
  virtual std::uint64_t size() const noexcept = 0;
  // From 1 to `most` bytes from `offset` on, valid until the next call; empty at the end.
  virtual Task<std::string_view> read(std::uint64_t offset, std::size_t most) = 0;
};

// A request that whoever has it may send by himself, to the service, until it expires.
struct Link {
  std::string method, url;
  std::vector<std::pair<std::string, std::string>> headers;  // that have to go with it
  Timestamp expires;
};

struct LinkToGet {
  std::chrono::seconds ttl;
  std::string disposition, media_type;  // what the answer's headers say
};

struct LinkToPut {
  std::chrono::seconds ttl;
  std::uint64_t size;
  std::string media_type;
};

// Owned by the composition root; outlives the features. On any shard.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Task<std::unique_ptr<Sink>> create(Key key, NewObject object) = 0;
  virtual Task<std::unique_ptr<Object>> open(Key key) = 0;
  // False where it was known not to be there.
  virtual Task<bool> remove(Key key) = 0;
  virtual Task<> copy(Key from, Key to) = 0;
  // The objects that are there of those that Key::of() puts into one of a folder's 256 folders, in no order: the names of all of
  // these are in memory at once.
  virtual Task<std::vector<Listed>> list(std::string_view folder, std::uint8_t part) = 0;

  // Empty where the engine has none: then the server's own routes give and take the bytes.
  virtual std::optional<Link> link_to_get(const Key& key, const LinkToGet& wanted) const = 0;
  virtual std::optional<Link> link_to_put(const Key& key, const LinkToPut& wanted) const = 0;
};

}  // namespace stoa::storage
