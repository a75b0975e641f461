#pragma once
// A file that is on its way, as those parts of the service know it that take it.
#include "features/files/files_store.hpp"

#include <stoa/files/files_config.hpp>
#include <stoa/storage/storage.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace stoa::files {

struct Arrival {
  store::NewFile file;
  std::chrono::steady_clock::time_point end;  // then it is given up
  bool may_be_there = false;                  // in the storage
  std::int64_t size = 0;
  std::string sha256;
};

// After files.upload_time the process that takes a file has given it up, by whichever clock.
inline constexpr std::chrono::minutes kGrace{1};

inline storage::Key key_of(FileId file) {
  return storage::Key::of("files", file.uuid);
}
// Where its owner writes it, as long as his link is good.
inline storage::Key staged_key_of(FileId file) {
  return storage::Key::of("incoming", file.uuid);
}

Error too_large(std::uint64_t most);

}  // namespace stoa::files
