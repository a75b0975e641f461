#pragma once
// The scalar types of the configuration: how each reads from text (a TOML string or an environment
// variable), how it is written as a TOML value, and what to call it in an error. Pure functions.
#include <stoa/core/config.hpp>
#include <stoa/core/names.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stoa::config {

template <class T>
inline constexpr bool kIsSection =
    std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
inline constexpr bool kIsSectionList = false;
template <class T>
inline constexpr bool kIsSectionList<std::vector<T>> = kIsSection<T>;

// Calls f(name, member) for each described member of a section.
template <class T, class F>
void for_each_member(T& section, F&& f) {
  using Plain = std::remove_const_t<T>;
  boost::mp11::mp_for_each<boost::describe::describe_members<Plain, boost::describe::mod_public>>(
      [&](auto member) { f(std::string_view(member.name), section.*member.pointer); });
}

// "a whole number", "a time as in \"30s\"": for the error's text.
std::string expected(const bool&);
std::string expected(const std::size_t&);
std::string expected(const std::uint16_t&);
std::string expected(const double&);
std::string expected(const std::string&);
std::string expected(const Secret&);
std::string expected(const Duration&);
std::string expected(const ByteSize&);
std::string expected(const std::vector<std::string>&);
std::string expected(const std::map<std::string, std::string>&);
std::string expected(const LogLevel&);

// False when the text is no such value; then `out` is as it was.
bool from_text(std::string_view text, bool& out);
bool from_text(std::string_view text, std::size_t& out);
bool from_text(std::string_view text, std::uint16_t& out);
bool from_text(std::string_view text, double& out);
bool from_text(std::string_view text, std::string& out);
bool from_text(std::string_view text, Secret& out);
bool from_text(std::string_view text, Duration& out);
bool from_text(std::string_view text, ByteSize& out);
bool from_text(std::string_view text, std::vector<std::string>& out);  // separated by commas
bool from_text(std::string_view text, LogLevel& out);

void print_value(std::string& out, bool value);
void print_value(std::string& out, std::size_t value);
void print_value(std::string& out, std::uint16_t value);
void print_value(std::string& out, double value);
void print_value(std::string& out, const std::string& value);
void print_value(std::string& out, const Secret& value);  // masked
void print_value(std::string& out, Duration value);
void print_value(std::string& out, ByteSize value);
void print_value(std::string& out, const std::vector<std::string>& value);
void print_value(std::string& out, const std::map<std::string, std::string>& value);
void print_value(std::string& out, LogLevel value);

// "127.0.0.1:3000,[::1]:3000"
bool listeners_from_text(std::string_view text, std::vector<Listener>& out);
// "kid:secret,kid:secret"; a secret holds no comma.
bool keys_from_text(std::string_view text, std::vector<TokenKey>& out);

// A numeric IPv4 or IPv6 address, optionally with /prefix where `network` is true.
bool is_address(std::string_view text, bool network = false);
bool is_loopback(std::string_view address);

// The one of `known` that takes the fewest edits to reach; empty when there is none.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
std::size_t edit_distance(std::string_view a, std::string_view b);

// The checks that need more than one key, or a range. Throws ConfigError naming the key.
void check(const Config& config);

}  // namespace stoa::config
