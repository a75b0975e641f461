#pragma once
// Whether the rows of files and what lies in the storage belong together, as after a restore of both: the server keeps them so
// by itself, two copies that were made one after the other need not be. For the command line. Beside a running server too:
// what comes or goes meanwhile is neither lost nor stray.
#include <stoa/core/ids.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/time.hpp>
#include <stoa/files/file_view.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/storage/storage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::files {

// A row that promises bytes which are not there, or not as many.
struct Lost {
  FileId id;
  std::string kind;
  std::int64_t size = 0;
  std::optional<UserId> owner_id;
};

struct Inspection {
  std::int64_t rows = 0;     // that promise bytes
  std::int64_t objects = 0;  // that lie in the storage
  std::vector<Lost> lost;
  std::vector<Lost> small;           // that are there, without all of their smaller pictures
  std::vector<storage::Key> strays;  // objects without a row, or that are none of its pictures

  bool is_whole() const noexcept { return lost.empty() && small.empty() && strays.empty(); }
  // Something is there, and none of it belongs together: as where it is another database's storage.
  bool is_foreign() const noexcept;
};

// Changes nothing. Opens each object; holds the ids of what is wrong, and of a 256th of all objects at once.
Task<Inspection> inspect(pg::Database& db, storage::Storage& storage);
// Removes what lies staged without a row, of uploads that began before then. Beside a running server.
Task<> remove_stray_uploads(pg::Database& db, storage::Storage& storage, Timestamp before);
// Removes the strays, and drops the rows of what is lost: the server then deletes them and gives back what they took. A message
// that has such a file goes on naming it, and it is not found. Where only smaller pictures are lost the file stays, without any:
// it is given out itself instead.
Task<> mend(pg::Database& db, storage::Storage& storage, Inspection found);

}  // namespace stoa::files
