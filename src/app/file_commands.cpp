#include "app/file_commands.hpp"

#include "app/command_database.hpp"
#include "app/terminal.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/disk/disk.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/files/inspection.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/storage/engines.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace stoa::app {
namespace {

// The storage of one command, with the shard that works on it. Ended before the database is.
class StorageOfCommand {
 public:
  explicit StorageOfCommand(const Config& config)
      : runtime_(1),
        fetch_(config.fetch, metrics_),
        disk_(config.disk, metrics_),
        storage_(storage::make(config, disk_, fetch_, runtime_)) {
    disk_.start();
    fetch_.start();
    runtime_.start();
  }
  ~StorageOfCommand() {
    fetch_.stop();
    disk_.stop();
    runtime_.stop();
  }
  StorageOfCommand(const StorageOfCommand&) = delete;
  StorageOfCommand& operator=(const StorageOfCommand&) = delete;

  storage::Storage& storage() noexcept { return *storage_; }
  // Blocks until it has ended, and throws what it throws.
  template <class T>
  T run(Task<T> task) {
    return asio::co_spawn(runtime_.shard(0).context, std::move(task), asio::use_future).get();
  }

 private:
  Metrics metrics_;
  net::Runtime runtime_;
  fetch::Fetcher fetch_;
  disk::Disk disk_;
  std::unique_ptr<storage::Storage> storage_;
};

// A folder that is mistyped would be made, and all files be missing.
void require_folder(const Config& config) {
  if (config.storage.engine == config::StorageEngine::s3) return;
  if (std::filesystem::is_directory(config.storage.folder)) return;
  throw ConfigError("storage.folder: there is no folder " + config.storage.folder);
}

void print(std::string_view what, const std::vector<files::Lost>& rows) {
  for (const auto& lost : rows) {
    std::cout << what << lost.id.str() << "  " << one_line(lost.kind) << "  " << lost.size
              << " bytes";
    if (lost.owner_id) std::cout << "  of " << lost.owner_id->str();
    std::cout << "\n";
  }
}

void print(const files::Inspection& found) {
  print("lost   ", found.lost);
  print("small  ", found.small);
  for (const auto& stray : found.strays) std::cout << "stray  " << stray.str() << "\n";
  std::cout << found.rows << " files, " << found.lost.size() << " without their bytes; "
            << found.small.size() << " without all their smaller pictures; " << found.objects
            << " objects, " << found.strays.size() << " that no file has\n";
}

int inspect_files(const Config& config, bool mends) {
  return with_database(one_connection(config), [&config, mends](pg::Database& db) {
    StorageOfCommand command(config);
    auto found = command.run(files::inspect(db, command.storage()));
    print(found);
    if (found.is_whole()) return 0;
    if (!mends) return 1;
    if (found.is_foreign()) {
      throw Error(Code::conflict,
                  "nothing was changed: no file has its bytes there, so this is the storage of "
                  "another database");
    }
    command.run(files::mend(db, command.storage(), std::move(found)));
    std::cout << "mended; a running server takes the rows away within files.sweep_interval\n";
    return 0;
  });
}

}  // namespace

int check_files(const Config& config, bool mends) {
  require_folder(config);
  try {
    return inspect_files(config, mends);
  } catch (const storage::Unavailable& error) {
    throw Error(error.code(), config.s3.endpoint + " gives no files: " + one_line(error.reason()));
  }
}

}  // namespace stoa::app
