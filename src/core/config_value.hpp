#pragma once
// The scalar types of the configuration: how each reads from text (a TOML string or an environment
// variable), how it is written as a TOML value, and what to call it in an error. Pure functions.
#include <stoa/core/config_field.hpp>
#include <stoa/core/config_types.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::config {

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
std::string expected(const Word&);

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
bool set_word(std::string_view text, const Word& out);

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

// The first of `known` that goes on where `word` ends ("read.requests" for "read"), else the one that takes the fewest edits to
// reach; empty when there is none.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace stoa::config
