#pragma once
// The files of templates, wherever they are from.
#include <stoa/http/assets.hpp>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stoa::mail {

// What all HTML stands in.
inline constexpr std::string_view kFrame = "frame.html";

// "de/reset_password.txt" taken apart.
struct TemplatePath {
  std::string language, name, part;
};
std::optional<TemplatePath> read_path(const std::string& path);

// By path, each with its text.
std::map<std::string, std::string> files_of(std::span<const http::Asset> shipped);
// Throws ConfigError that names what cannot be read or is too long. What begins with a dot does not count.
std::map<std::string, std::string> files_of(const std::string& folder);

}  // namespace stoa::mail
