#pragma once
// What the checks of the configuration's sections are written with. Each throws ConfigError naming the key, as in
// "chat.batch".
#include <stoa/core/config_types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stoa {

struct Config;

namespace config {

[[noreturn]] void refuse(std::string_view key, std::string_view why);
// The variable of the environment that a key has: "STOA_MAIL_USER" of "mail.user".
std::string variable_of(std::string_view key);

// From `least` to `most`, both allowed.
void check_count(std::string_view key, std::size_t value, std::size_t most, std::size_t least = 1);
void check_size(std::string_view key, ByteSize value, std::size_t least, std::size_t most);
void check_time(std::string_view key, Duration value, Duration least, Duration most);
void check_number(std::string_view key, double value, double least, double most);

// "/", or "/segments/of-plain.characters".
bool is_plain_path(std::string_view path);

// A numeric IPv4 or IPv6 address, optionally with /prefix where `network` is true.
bool is_address(std::string_view text, bool network = false);
bool is_loopback(std::string_view address);

// Each as OriginPattern reads it.
void check_origin_patterns(std::string_view key, const std::vector<std::string>& list);

// Whether all listeners and server.public_url are this machine's: behind a proxy on the same machine a server that others come
// to listens on loopback alone too.
bool is_for_this_machine(const Config& all);

// A PEM file with certificates in it; empty is fine.
void check_authorities(std::string_view key, const std::string& file);

// What commas separate; white space around an item does not count, empty text is an empty list.
std::vector<std::string> split_list(std::string_view text);

}  // namespace config
}  // namespace stoa
