#pragma once
// UUIDs (RFC 9562) and the distinct id types made of them. New ids are version 7: they sort by age, so
// an index on them grows at its end. Value types, safe on any thread.
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  static Uuid v7();  // 48 bits of Unix milliseconds, 74 random bits of a CSPRNG
  // The canonical 36 characters, either case; anything else is empty.
  static std::optional<Uuid> parse(std::string_view text) noexcept;
  void append_to(std::string& out) const;
  std::string str() const;

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// Tagged so that a room's id cannot be passed for a user's.
template <class Tag>
struct Id {
  Uuid uuid;

  static Id make() { return {Uuid::v7()}; }
  static std::optional<Id> parse(std::string_view text) noexcept {
    const auto parsed = Uuid::parse(text);
    return parsed ? std::optional<Id>(Id{*parsed}) : std::nullopt;
  }
  std::string str() const { return uuid.str(); }

  friend auto operator<=>(const Id&, const Id&) = default;
};

// What every part of the server speaks of; a feature declares its own beside its types.
using UserId = Id<struct UserTag>;
using AuthSessionId = Id<struct AuthSessionTag>;
using RoomId = Id<struct RoomTag>;

}  // namespace stoa

template <>
struct std::hash<stoa::Uuid> {
  std::size_t operator()(const stoa::Uuid& id) const noexcept {
    std::size_t tail = 0;  // the last 8 bytes are random in version 7
    std::memcpy(&tail, id.bytes.data() + 8, sizeof tail);
    return tail;
  }
};

template <class Tag>
struct std::hash<stoa::Id<Tag>> {
  std::size_t operator()(const stoa::Id<Tag>& id) const noexcept {
    return std::hash<stoa::Uuid>{}(id.uuid);
  }
};
