#include "infra/fetch/target.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::fetch {
namespace {

constexpr std::size_t kLongestUrl = 8192;

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == ':';
}

// What `text` is where `url` stands, which is changed.
std::optional<Target> take_apart(CurlUrl url, const std::string& text) {
  if (!url || text.size() > kLongestUrl ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(),
                   CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) != CURLUE_OK) {
    return std::nullopt;
  }
  Target target;
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  target.is_tls = scheme == "https";
  if (!target.is_tls && scheme != "http") return std::nullopt;
  if (!part(url.get(), CURLUPART_ZONEID).empty()) return std::nullopt;

  target.host = part(url.get(), CURLUPART_HOST);
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  for (char& c : target.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (target.host.empty() || !std::all_of(target.host.begin(), target.host.end(), is_plain)) {
    return std::nullopt;
  }
  const std::string port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (error != std::errc{} || target.port == 0) return std::nullopt;
  target.url = std::move(url);
  return target;
}

}  // namespace

std::optional<Target> Target::parse(const std::string& text) {
  // The library would take a name for the URL of some protocol.
  const auto slashes = text.find("://");
  if (slashes == std::string::npos || text.find('\0') != std::string::npos) return std::nullopt;
  return take_apart(CurlUrl(curl_url()), text);
}

std::optional<Target> Target::follow(const std::string& location) const {
  if (location.empty()) return std::nullopt;
  return take_apart(CurlUrl(curl_url_dup(url.get())), location);
}

}  // namespace stoa::fetch
