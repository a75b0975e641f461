#include <stoa/core/ids.hpp>

#include <chrono>
#include <stdexcept>

#include <openssl/rand.h>

namespace stoa {
namespace {

// One call of the CSPRNG fills many ids; each thread has its own store.
struct RandomStore {
  std::array<std::uint8_t, 640> bytes;
  std::size_t used = sizeof bytes;

  void take(std::uint8_t* out, std::size_t count) {
    if (used + count > bytes.size()) {
      if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("no random bytes from OpenSSL");
      }
      used = 0;
    }
    std::memcpy(out, bytes.data() + used, count);
    used += count;
  }
};

// Of each byte as a character; kNoDigit for what is none.
constexpr std::uint8_t kNoDigit = 0xff;
constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> values;
  values.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::uint8_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    values[static_cast<std::uint8_t>('a' + i)] = values[static_cast<std::uint8_t>('A' + i)] =
        static_cast<std::uint8_t>(10 + i);
  }
  return values;
}();

// The two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kPairs = [] {
  constexpr char kHex[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs;
  for (std::size_t i = 0; i < 256; ++i) pairs[i] = {kHex[i >> 4], kHex[i & 15]};
  return pairs;
}();

// Where the digits of each byte stand in a UUID's text.
constexpr std::array<std::uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                                  19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::uint8_t, 4> kDashes = {8, 13, 18, 23};

}  // namespace

Uuid Uuid::v7() {
  thread_local RandomStore random;
  const auto ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  }
  random.take(id.bytes.data() + 6, 10);
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  for (const std::uint8_t dash : kDashes) {
    if (text[dash] != '-') return std::nullopt;
  }
  Uuid id;
  std::uint8_t wrong = 0;
#pragma GCC unroll 16  // so that each place is a constant
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    const std::uint8_t high = kDigits[static_cast<std::uint8_t>(text[kPlaces[i]])];
    const std::uint8_t low = kDigits[static_cast<std::uint8_t>(text[kPlaces[i] + 1U])];
    wrong |= static_cast<std::uint8_t>(high | low);
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (wrong > 15) return std::nullopt;
  return id;
}

void Uuid::append_to(std::string& out) const {
  char text[36];
  for (const std::uint8_t dash : kDashes) text[dash] = '-';
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    std::memcpy(text + kPlaces[i], kPairs[bytes[i]].data(), 2);
  }
  out.append(text, sizeof text);
}

std::string Uuid::str() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace stoa
