#include <stoa/core/values.hpp>
#include <stoa/sniff/sniffer.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <magic.h>

namespace stoa::sniff {
namespace {

// Nothing packed is unpacked, which libmagic would start a process for.
constexpr int kFlags = MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS;

constexpr std::size_t kShort = 16;
// So far libmagic's expressions look, by which it tells kinds of text. Over blanks they take time by the square of it.
constexpr std::size_t kExpressions = 1024;

struct Close {
  void operator()(magic_t cookie) const { magic_close(cookie); }
};
using Cookie = std::unique_ptr<std::remove_pointer_t<magic_t>, Close>;

Cookie open_cookie() {
  Cookie cookie(magic_open(kFlags));
  if (!cookie) throw std::runtime_error("libmagic could not be opened");
  if (magic_load(cookie.get(), nullptr) != 0) {
    throw std::runtime_error("libmagic has no database: " + std::string(magic_error(cookie.get())));
  }
  if (magic_setparam(cookie.get(), MAGIC_PARAM_REGEX_MAX, &kExpressions) != 0) {
    throw std::runtime_error("libmagic does not know its bound of expressions");
  }
  return cookie;
}

std::string ask(std::string_view head) {
  if (head.empty()) return std::string(kText);
  thread_local Cookie cookie = open_cookie();
  const char* const type = magic_buffer(cookie.get(), head.data(), head.size());
  // What it cannot make out, as a file that is damaged, is nothing known.
  std::string family = type == nullptr ? std::string(kUnknown) : family_of(type);
  // It has no opinion of a file of a few bytes.
  const bool is_short_text = head.size() < kShort && is_valid_utf8(head) && !has_control(head);
  return family == kUnknown && is_short_text ? std::string(kText) : family;
}

// Text that libmagic has names of its own for.
constexpr std::array<std::string_view, 10> kTexts = {
    "application/json",          "application/x-ndjson", "application/javascript",
    "application/x-subrip",      "application/x-tex",    "application/x-wine-extension-ini",
    "application/x-setupscript", "application/csv",      "message/rfc822",
    "application/x-empty"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kOtherNames = {{
    {"audio/x-wav", "audio/wav"},
    {"audio/x-m4a", "audio/mp4"},
    {"audio/x-aiff", "audio/aiff"},
    {"audio/x-flac", "audio/flac"},
    {"video/x-m4v", "video/mp4"},
    {"video/x-matroska", "video/matroska"},
    {"image/x-ms-bmp", "image/bmp"},
    {"application/ogg", "audio/ogg"},
    {"inode/x-empty", "text/plain"},
}};

}  // namespace

std::string family_of(std::string_view magic) {
  const std::string_view type = magic.substr(0, magic.find(';'));
  if (type.starts_with("text/") || std::find(kTexts.begin(), kTexts.end(), type) != kTexts.end()) {
    return std::string(kText);
  }
  for (const auto& [from, to] : kOtherNames) {
    if (type == from) return std::string(to);
  }
  const bool is_type = type.find('/') != std::string_view::npos && type.size() <= 127;
  return is_type ? std::string(type) : std::string(kUnknown);
}

bool is_zip(std::string_view type) {
  return type == kZip || type == "application/epub+zip" || type == "application/java-archive" ||
         type == "application/vnd.android.package-archive" ||
         type.starts_with("application/vnd.openxmlformats-officedocument.") ||
         type.starts_with("application/vnd.oasis.opendocument.");
}

Task<std::string> Sniffer::type_of(std::string head, TurnKey who) {
  return pool_.run_for(who, [head = std::move(head)] { return ask(head); });
}

void Sniffer::check() {
  open_cookie();
}

void Sniffer::bind(Metrics& metrics) const {
  observe_workers(metrics, pool_, "sniff");
}

}  // namespace stoa::sniff
