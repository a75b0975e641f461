// Pictures among the files: made anew before anybody is given them, so that neither where one was taken nor what a decoder of
// somebody's browser stumbles over goes on (docs/adr/0036-pictures-are-made-anew.md).
#include "features/files/arrival.hpp"
#include "features/files/files_store.hpp"

#include <stoa/core/hex.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/files/pictures_config.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/net/turns.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace stoa::files {
namespace {

constexpr std::size_t kWritten = std::size_t{64} << 10;

// What browsers show, so that it is either made anew or refused.
bool is_for_browsers(std::string_view media_type) {
  constexpr std::array kTypes = {std::string_view("image/jpeg"), std::string_view("image/png"),
                                 std::string_view("image/gif"), std::string_view("image/webp")};
  return std::find(kTypes.begin(), kTypes.end(), media_type) != kTypes.end();
}

std::size_t bytes_of(const pictures::Renewed& renewed) {
  std::size_t bytes = renewed.whole.bytes.capacity();
  for (const auto& one : renewed.smaller) bytes += one.bytes.capacity();
  return bytes;
}

}  // namespace

Error error_of(pictures::Reason reason) {
  return reason == pictures::Reason::too_large ? Error(kPictureTooLarge) : Error(kNotAPicture);
}

storage::Key picture_key_of(FileId file, int side) {
  return storage::Key::of(kFolder, file.uuid, std::to_string(side));
}

std::optional<int> picture_for(const File& file, std::optional<int> wanted) {
  if (!wanted) return std::nullopt;
  const auto found = std::lower_bound(file.sizes.begin(), file.sizes.end(), *wanted);
  return found == file.sizes.end() ? std::nullopt : std::optional(*found);
}

bool is_made_here(const File& file) {
  return file.width && file.media_type != "image/gif";
}

Task<std::string> Files::put_made(storage::Key key, const std::string& bytes) const {
  storage::NewObject wanted{};
  wanted.expected = bytes.size();
  auto sink = co_await parts_.storage.create(std::move(key), std::move(wanted));
  identity::Sha256 hash;
  for (std::size_t at = 0; at < bytes.size(); at += kWritten) {
    const auto piece = std::string_view(bytes).substr(at, kWritten);
    hash.add(piece);
    co_await sink->write(piece);
  }
  co_await sink->commit();
  co_return to_hex(hash.finish());
}

Task<std::optional<store::MadePicture>> Files::renew(const Renewal& of, storage::Object& object,
                                                     store::Settled& settled) const {
  if (!settled.media_type.starts_with("image/")) co_return std::nullopt;
  if (object.size() > pictures_.max_bytes) throw too_large(pictures_.max_bytes);
  std::string bytes = co_await read_part(object, 0, static_cast<std::size_t>(object.size()));
  of.keeps(bytes.capacity());
  pictures::Renewed renewed;
  std::optional<pictures::Reason> refused;
  try {
    std::vector<int> sides(kSides.begin(), kSides.end());
    renewed = co_await parts_.studio.renew(of.who, std::move(bytes), std::move(sides));
  } catch (const pictures::Refused& why) {
    refused = why.reason();
  }
  if (refused == pictures::Reason::unknown && !is_for_browsers(settled.media_type)) {
    co_return std::nullopt;
  }
  if (refused) throw error_of(*refused);
  of.keeps(bytes_of(renewed));
  if (std::chrono::steady_clock::now() > of.end) throw Error(Code::request_timeout);
  const pictures::Picture& whole = renewed.whole;
  if (!whole.bytes.empty()) {
    settled.sha256 = co_await put_made(key_of(of.file), whole.bytes);
    settled.size = static_cast<std::int64_t>(whole.bytes.size());
  }
  settled.media_type = whole.media_type;
  store::MadePicture made{whole.width, whole.height, {}, std::nullopt, 0};
  for (std::size_t i = 0; i < renewed.smaller.size(); ++i) {
    const pictures::Picture& one = renewed.smaller[i];
    co_await put_made(picture_key_of(of.file, kSides[i]), one.bytes);
    made.sizes.push_back(kSides[i]);
    made.sizes_type = one.media_type;
    made.sizes_bytes += static_cast<std::int64_t>(one.bytes.size());
  }
  co_return made;
}

Task<> Files::remove_bytes(FileId file, bool with_sizes) const {
  if (with_sizes) {
    for (const int side : kSides) co_await parts_.storage.remove(picture_key_of(file, side));
  }
  co_await parts_.storage.remove(key_of(file));
}

}  // namespace stoa::files
