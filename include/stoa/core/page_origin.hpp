#pragma once
// The origins of pages, as a browser names them in `Origin` (RFC 6454): "https://example.org", "capacitor://localhost" of an
// application, "null" of a file or a sandboxed frame. Pure.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

// As browsers write it: in lower case, without the port that the scheme has anyway. Empty for what no page's origin is: with
// a path, a user, a wildcard or letters beyond ASCII, or of a socket (ws, wss).
std::optional<std::string> canonical_origin(std::string_view text);
// The origin of the pages at an address, which may have a path.
std::optional<std::string> origin_of_url(std::string_view url);

// Those that a configuration admits. Immutable, safe on any thread.
class OriginList {
 public:
  enum class Match { none, any, named };

  // "*" is any.
  explicit OriginList(std::span<const std::string> configured);
  // Compared whole: what begins or ends like a named one is another.
  Match match(std::string_view origin) const;
  bool empty() const noexcept { return named_.empty() && !any_; }

 private:
  std::vector<std::string> named_;
  bool any_ = false;
};

}  // namespace stoa
