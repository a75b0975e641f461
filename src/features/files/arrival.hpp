#pragma once
// A file that is on its way, as those parts of the service know it that take it.
#include "features/files/files_store.hpp"

#include <stoa/core/caller.hpp>
#include <stoa/core/fair_queue.hpp>
#include <stoa/files/files_config.hpp>
#include <stoa/storage/storage.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::files {

struct Arrival {
  store::NewFile file;
  std::optional<Caller>
      by;  // whose sign-in is to stand until it is there; none where a link alone was shown
  std::chrono::steady_clock::time_point end;  // then it is given up
  bool is_made_here = false;  // by the server, so that there is nothing to be made anew or scanned
  std::shared_ptr<RequestKey> key;  // it is brought once, however often it is sent
  bool may_be_there = false;        // in the storage
  std::int64_t size = 0;
  std::string sha256;
};

// For whom a picture is made anew, and until when.
struct Renewal {
  FileId file;
  TurnKey who;
  std::chrono::steady_clock::time_point end;
  std::function<void(std::size_t)> keeps;  // how many bytes of memory are held for it
};

// After files.upload_time the process that takes a file has given it up, by whichever clock.
inline constexpr std::chrono::minutes kGrace{1};

inline constexpr std::string_view kFolder = "files";
inline constexpr std::string_view kStagedFolder = "incoming";

inline storage::Key key_of(FileId file) {
  return storage::Key::of(kFolder, file.uuid);
}
// Where its owner writes it, as long as his link is good.
inline storage::Key staged_key_of(FileId file) {
  return storage::Key::of(kStagedFolder, file.uuid);
}

// Longer sides of the smaller ones of a picture: in a conversation, and as large as a window. Ascending.
inline constexpr std::array kSides = {320, 1280};
// Where a smaller one of a picture lies.
storage::Key picture_key_of(FileId file, int side);
// The least that has so many pixels on its longer side; empty where that is the file itself.
std::optional<int> picture_for(const File& file, std::optional<int> wanted);
// Whether its bytes are the server's own.
bool is_made_here(const File& file);

// `size` bytes from `offset` on, or up to the end.
Task<std::string> read_part(storage::Object& object, std::uint64_t offset, std::size_t size);

Error too_large(std::uint64_t most);

}  // namespace stoa::files
