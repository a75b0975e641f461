#include "infra/storage/local.hpp"
#include "infra/storage/s3.hpp"

#include <stoa/storage/engines.hpp>

#include <string>

namespace stoa::storage {

Key Key::of(std::string_view folder, const Uuid& id, std::string_view part) {
  std::string text(folder);
  const std::string name = id.str();
  // One of 256 folders by the id's end, which is random.
  text.append("/").append(name, name.size() - 2, 2).append("/").append(name);
  if (!part.empty()) text.append(".").append(part);
  return Key(std::move(text));
}

std::unique_ptr<Storage> make(const Config& config, disk::Disk& disk, fetch::Fetcher& fetch,
                              net::Runtime& runtime) {
  if (config.storage.engine == config::StorageEngine::s3) {
    return make_s3(config.s3, fetch, runtime);
  }
  return make_local(disk.folder("storage", config.storage.folder));
}

}  // namespace stoa::storage
