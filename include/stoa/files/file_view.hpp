#pragma once
// A file as its owner and other features see it. Plain described values.
#include <stoa/core/binding.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::files {

using FileId = Id<struct FileTag>;

enum class FileState {
  receiving,  // its bytes are on their way
  scanning,   // they are there, and are being looked at
  ready,      // it may be fetched
  refused,    // it was found to be harmful; its bytes are gone
};
BOOST_DESCRIBE_ENUM(FileState, receiving, scanning, ready, refused)

struct FileView {
  FileId id;
  std::string kind;
  std::optional<RoomId> room_id;
  FileState state = FileState::receiving;
  std::string name;                   // as its owner calls it, for showing
  std::string media_type;             // by its bytes
  std::int64_t size = 0;              // while it is being received: the most that it may have
  std::optional<std::string> sha256;  // in hexadecimal digits, once it is there
  std::optional<int> width, height;   // of a picture, in pixels
  std::vector<int> sizes;             // longer sides of the smaller pictures that were made of it
  bool is_kept = false;               // something has it; else it goes at the time below
  std::optional<Timestamp> expires_at;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(FileView, (),
                      (id, kind, room_id, state, name, media_type, size, sha256, width, height,
                       sizes, is_kept, expires_at, created_at))

// With what decides who may have it.
struct File : FileView {
  std::optional<UserId> owner_id;         // empty when the account is gone
  std::optional<Uuid> held_by;            // the message or note that has it
  std::optional<std::string> sizes_type;  // what the smaller pictures are
};
BOOST_DESCRIBE_STRUCT(File, (FileView), (owner_id, held_by, sizes_type))

}  // namespace stoa::files
