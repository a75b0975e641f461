#pragma once
// What a file is called in a Folder. The server makes names itself, of ids; what people call their files is kept elsewhere and
// is never one. So a name cannot lead out of its folder, cannot be hidden, and means the same on every file system. Pure.
#include <stoa/core/ids.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::disk {

class Name {
 public:
  // Up to 8 segments between slashes, each of 1 to 128 characters of a-z, 0-9, "-", "_" and ".", none first a dot. Empty for
  // anything else.
  static std::optional<Name> parse(std::string_view text);
  // "7f/018f...7f": one of 256 folders by the id's end, which is random, so that none grows too long.
  static Name of(const Uuid& id);

  const std::string& str() const noexcept { return text_; }

  friend bool operator==(const Name&, const Name&) = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace stoa::disk
