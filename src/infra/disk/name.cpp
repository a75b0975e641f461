#include <stoa/disk/name.hpp>

#include <algorithm>

namespace stoa::disk {
namespace {

constexpr std::size_t kMostSegments = 8;
constexpr std::size_t kLongestSegment = 128;

bool is_segment(std::string_view text) {
  return !text.empty() && text.size() <= kLongestSegment && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

}  // namespace

std::optional<Name> Name::parse(std::string_view text) {
  std::string_view rest = text;
  for (std::size_t count = 0; count < kMostSegments; ++count) {
    const auto slash = rest.find('/');
    if (!is_segment(rest.substr(0, slash))) return std::nullopt;
    if (slash == std::string_view::npos) return Name(std::string(text));
    rest.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

Name Name::of(const Uuid& id) {
  const std::string text = id.str();
  return Name(text.substr(text.size() - 2) + '/' + text);
}

}  // namespace stoa::disk
