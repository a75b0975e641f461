#include "core/config_table.hpp"
#include "core/config_value.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/config_check.hpp>
#include <stoa/core/origin_pattern.hpp>
#include <stoa/core/page_origin.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <new>
#include <set>
#include <string>

#include <arpa/inet.h>
#include <boost/url/parse.hpp>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

namespace stoa::config {
namespace {

template <class T>
void between(std::string_view key, const T& value, const T& least, const T& most) {
  if (value >= least && value <= most) return;
  std::string text;
  print_value(text, least);
  text += " to ";
  print_value(text, most);
  text += ", not ";
  print_value(text, value);
  refuse(key, "must be " + text);
}

}  // namespace

void refuse(std::string_view key, std::string_view why) {
  throw ConfigError(std::string(key) + ": " + std::string(why));
}
std::string variable_of(std::string_view key) {
  std::string out = "STOA_";
  for (const char c : key) {
    out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}
void check_count(std::string_view key, std::size_t value, std::size_t most, std::size_t least) {
  between<std::size_t>(key, value, least, most);
}
void check_size(std::string_view key, ByteSize value, std::size_t least, std::size_t most) {
  if (value.bytes < least || value.bytes > most)
    between(key, value, ByteSize{least}, ByteSize{most});
}
void check_time(std::string_view key, Duration value, Duration least, Duration most) {
  between(key, value, least, most);
}
void check_number(std::string_view key, double value, double least, double most) {
  between(key, value, least, most);
}

bool is_plain_path(std::string_view path) {
  if (path == "/") return true;
  if (!path.starts_with('/') || path.ends_with('/')) return false;
  const bool plain = path.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
                     std::string_view::npos;
  return plain && path.find("//") == std::string_view::npos &&
         path.find("/.") == std::string_view::npos;
}

bool is_address(std::string_view text, bool network) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos && !network) return false;
  const std::string address(text.substr(0, slash));
  std::array<unsigned char, 16> bytes;
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string_view::npos) return true;
  std::uint16_t prefix = 0;
  return from_text(text.substr(slash + 1), prefix) && prefix <= (v4 ? 32u : 128u);
}

bool from_text(std::string_view text, std::vector<Listener>& out) {
  std::vector<Listener> listeners;
  for (const auto& item : split_list(text)) {
    const auto colon = item.rfind(':');
    if (colon == std::string::npos) return false;
    Listener listener;
    listener.address = item.substr(0, colon);
    if (listener.address.starts_with('[') && listener.address.ends_with(']')) {
      listener.address = listener.address.substr(1, listener.address.size() - 2);
    }
    if (!is_address(listener.address) ||
        !from_text(std::string_view(item).substr(colon + 1), listener.port)) {
      return false;
    }
    listeners.push_back(std::move(listener));
  }
  if (listeners.empty()) return false;
  out = std::move(listeners);
  return true;
}

std::string expected(const std::vector<Listener>&) {
  return "address:port, several separated by commas";
}

void check_origin_patterns(std::string_view key, const std::vector<std::string>& list) {
  for (const auto& text : list) {
    if (OriginPattern::parse(text)) continue;
    refuse(key, "\"" + text +
                    "\" is no host; write it as in \"example.org\", \"*.example.org\" or "
                    "\"http://10.0.0.7:9000\"");
  }
}

bool is_for_this_machine(const Config& all) {
  const auto url = boost::urls::parse_uri(all.server.public_url);
  if (!url) return false;
  const std::string host = url->host_address();  // without the brackets of IPv6
  if (host != "localhost" && !is_loopback(host)) return false;
  return std::all_of(all.listener.begin(), all.listener.end(),
                     [](const Listener& l) { return is_loopback(l.address); });
}

void check_authorities(std::string_view key, const std::string& file) {
  if (file.empty()) return;
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      &X509_STORE_free);
  if (!store) throw std::bad_alloc();
  if (X509_STORE_load_file(store.get(), file.c_str()) == 1) return;
  ERR_clear_error();
  refuse(key, "no certificates can be read from " + file + ", which is to be a PEM file");
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

}  // namespace stoa::config
