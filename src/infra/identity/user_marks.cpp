#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/user_marks.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace stoa::identity {
namespace {

constexpr std::size_t kId = sizeof(Uuid::bytes);
constexpr std::size_t kSigned = 2 * kId;  // user, id
constexpr std::size_t kMark = kSigned + 32;
static_assert(UserMarks::kLength == (kMark * 4 + 2) / 3);

void append(std::string& out, const Uuid& id) {
  out.append(reinterpret_cast<const char*>(id.bytes.data()), kId);
}

Uuid uuid_at(std::string_view bytes, std::size_t at) {
  Uuid id;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kId, id.bytes.begin());
  return id;
}

// Where a UUID of version 7 has its milliseconds (RFC 9562 section 5.7).
constexpr std::size_t kTime = 6;

Uuid make_id(Timestamp when) {
  Uuid id = Uuid::v7();
  const auto ms = std::chrono::floor<Milliseconds>(when).time_since_epoch().count();
  for (std::size_t i = 0; i < kTime; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (kTime - 1 - i)));
  }
  return id;
}

Timestamp time_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < kTime; ++i) ms = ms << 8 | id.bytes[i];
  return Timestamp(Milliseconds(ms));
}

}  // namespace

UserMarks::UserMarks(const TokenOptions& options, std::string_view purpose) {
  for (const auto& key : options.keys) keys_.push_back(hmac_sha256(key.secret.value, purpose));
  if (keys_.empty()) keys_.push_back(random_bytes(32));
}

std::string UserMarks::issue(UserId user, Timestamp when) const {
  std::string mark;
  append(mark, user.uuid);
  append(mark, make_id(when));
  mark += hmac_sha256(keys_.front(), mark);
  return base64url_encode(mark);
}

std::optional<UserMark> UserMarks::verify(std::string_view mark) const {
  const auto bytes = base64url_decode(mark);
  if (!bytes || bytes->size() != kMark) return std::nullopt;
  const auto given = std::string_view(*bytes).substr(kSigned);
  const auto of_signed = std::string_view(*bytes).substr(0, kSigned);
  const bool is_ours = std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    return constant_time_equal(given, hmac_sha256(key, of_signed));
  });
  if (!is_ours) return std::nullopt;
  const Uuid id = uuid_at(*bytes, kId);
  return UserMark{{uuid_at(*bytes, 0)}, id, time_of(id)};
}

}  // namespace stoa::identity
