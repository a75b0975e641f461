#include <stoa/core/base64.hpp>
#include <stoa/realtime/node.hpp>

#include <array>
#include <stdexcept>

#include <openssl/rand.h>

namespace stoa::realtime {
namespace {

constexpr std::size_t kMadeUp = 6;  // letters and digits of a name

template <std::size_t Size>
std::array<unsigned char, Size> random_bytes() {
  std::array<unsigned char, Size> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(Size)) != 1) {
    throw std::runtime_error("no random bytes from OpenSSL");
  }
  return bytes;
}

}  // namespace

NodeId NodeId::make() {
  NodeId id;
  while (id == NodeId()) {
    for (const auto byte : random_bytes<sizeof id.number>()) id.number = id.number << 8 | byte;
  }
  return id;
}

std::string NodeId::str() const {
  std::array<char, sizeof number> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(number >> (8 * (bytes.size() - 1 - i)));
  }
  return base64url_encode({bytes.data(), bytes.size()});
}

NodeIdentity NodeIdentity::make(std::string_view name) {
  static constexpr char kLetters[] = "abcdefghijkmnpqrstuvwxyz23456789";  // 32; no l, o, 0, 1
  static_assert(sizeof kLetters == 33);
  NodeIdentity identity{NodeId::make(), std::string(name)};
  if (!name.empty()) return identity;
  identity.name = "n";
  for (const auto byte : random_bytes<kMadeUp>()) identity.name += kLetters[byte & 31];
  return identity;
}

}  // namespace stoa::realtime
