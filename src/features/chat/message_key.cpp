#include "features/chat/message_key.hpp"

#include <stoa/identity/crypto.hpp>

#include <algorithm>

namespace stoa::chat {
namespace {

constexpr std::size_t kHalf = 8;
// Where version and variant stand, and what of the byte is theirs.
constexpr std::uint8_t kVersion8 = 0x80;
constexpr std::uint8_t kVariant = 0x80;

Uuid with_version(Uuid id) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | kVersion8);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | kVariant);
  return id;
}

}  // namespace

MessageKey message_key(const RequestKey& key) {
  const std::string which_key = identity::sha256(key.text);
  const std::string which_request = identity::sha256(key.fingerprint);
  Uuid id;
  std::copy_n(which_key.begin(), kHalf, id.bytes.begin());
  Uuid first = id;
  Uuid last = id;
  std::copy_n(which_request.begin(), kHalf, id.bytes.begin() + kHalf);
  std::fill_n(first.bytes.begin() + kHalf, kHalf, std::uint8_t{0});
  std::fill_n(last.bytes.begin() + kHalf, kHalf, std::uint8_t{0xFF});
  return {with_version(id), with_version(first), with_version(last)};
}

}  // namespace stoa::chat
