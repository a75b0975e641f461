#include "features/files/file_links.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/identity/crypto.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace stoa::files {
namespace {

constexpr std::size_t kId = sizeof(Uuid::bytes);
constexpr std::size_t kTime = 8;
constexpr std::size_t kSaid = kId + kTime;  // whose, until when
constexpr std::size_t kMark = 16;           // of the HMAC

std::string mark_of(std::string_view key, LinkTo what, FileId file, std::string_view said) {
  std::string text(what == LinkTo::fetch ? "fetch " : "write ");
  text.append(file.str()).append(" ").append(said);
  return identity::hmac_sha256(key, text).substr(0, kMark);
}

}  // namespace

FileLinks::FileLinks(std::span<const identity::TokenKey> keys) {
  for (const auto& key : keys) {
    keys_.push_back(identity::hmac_sha256(key.secret.value, "stoa file link"));
  }
  if (keys_.empty()) keys_.push_back(identity::random_bytes(32));
}

std::string FileLinks::token(LinkTo what, FileId file, UserId user, Timestamp expires) const {
  std::string said(reinterpret_cast<const char*>(user.uuid.bytes.data()), kId);
  const auto seconds =
      static_cast<std::uint64_t>(std::chrono::floor<Seconds>(expires).time_since_epoch().count());
  for (std::size_t i = kTime; i-- > 0;) said += static_cast<char>(seconds >> (8 * i));
  return base64url_encode(said + mark_of(keys_.front(), what, file, said));
}

std::optional<UserId> FileLinks::read(LinkTo what, FileId file, std::string_view token) const {
  const auto bytes = base64url_decode(token);
  if (!bytes || bytes->size() != kSaid + kMark) return std::nullopt;
  const auto said = std::string_view(*bytes).substr(0, kSaid);
  const auto mark = std::string_view(*bytes).substr(kSaid);
  const bool is_ours = std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    return identity::constant_time_equal(mark, mark_of(key, what, file, said));
  });
  if (!is_ours) return std::nullopt;
  std::uint64_t seconds = 0;
  for (std::size_t i = kId; i < kSaid; ++i) {
    seconds = seconds << 8 | static_cast<unsigned char>(said[i]);
  }
  if (now() >= Timestamp(Seconds(static_cast<std::int64_t>(seconds)))) throw Error(kLinkExpired);
  UserId user;
  std::copy_n(said.begin(), kId, user.uuid.bytes.begin());
  return user;
}

}  // namespace stoa::files
