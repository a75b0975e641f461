#include "features/recovery/link_marks.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>

#include <algorithm>

namespace stoa::recovery {
namespace {

constexpr std::size_t kMarkBytes = 16;  // of the HMAC

std::string mark_of(std::string_view key, std::string_view token) {
  return base64url_encode(identity::hmac_sha256(key, token).substr(0, kMarkBytes));
}

}  // namespace

net::RateKey ShownLink::key() const {
  const std::string digest = identity::sha256(token);
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return net::RateKey::of(UserId{id});
}

LinkMarks::LinkMarks(std::span<const identity::TokenKey> keys) {
  for (const auto& key : keys) {
    keys_.push_back(identity::hmac_sha256(key.secret.value, "stoa link"));
  }
  if (keys_.empty()) keys_.push_back(identity::random_bytes(32));
}

std::string LinkMarks::text(std::string_view token) const {
  return std::string(token) + '.' + mark_of(keys_.front(), token);
}

ShownLink LinkMarks::read(std::string_view text) const {
  const auto dot = text.find('.');
  const auto token = text.substr(0, dot);
  const auto mark = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  const bool is_ours = std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    return identity::constant_time_equal(mark, mark_of(key, token));
  });
  return {std::string(token), is_ours};
}

}  // namespace stoa::recovery
