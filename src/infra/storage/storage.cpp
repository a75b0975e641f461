#include "infra/storage/local.hpp"
#include "infra/storage/s3.hpp"

#include <stoa/core/hex.hpp>
#include <stoa/storage/engines.hpp>

#include <string>

namespace stoa::storage {

Key Key::of(std::string_view folder, const Uuid& id, std::string_view part) {
  // One of 256 folders by the id's end, which is random.
  std::string text = prefix_of(folder, id.bytes.back());
  text.append(id.str());
  if (!part.empty()) text.append(".").append(part);
  return Key(std::move(text));
}

std::string Key::prefix_of(std::string_view folder, std::uint8_t part) {
  const char byte = static_cast<char>(part);
  return std::string(folder).append("/").append(to_hex({&byte, 1})).append("/");
}

std::optional<Listed> Listed::parse(std::string_view name) {
  const auto dot = name.find('.');
  const auto id = Uuid::parse(name.substr(0, dot));
  if (!id) return std::nullopt;
  if (dot == std::string_view::npos) return Listed{*id, {}};
  const std::string_view part = name.substr(dot + 1);
  constexpr std::string_view kTaken = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (part.empty() || part.find_first_not_of(kTaken) != std::string_view::npos) return std::nullopt;
  return Listed{*id, std::string(part)};
}

std::unique_ptr<Storage> make(const Config& config, disk::Disk& disk, fetch::Fetcher& fetch,
                              net::Runtime& runtime) {
  if (config.storage.engine == config::StorageEngine::s3) {
    return make_s3(config.s3, fetch, runtime);
  }
  return make_local(disk.folder("storage", config.storage.folder));
}

}  // namespace stoa::storage
