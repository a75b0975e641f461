#include "features/mail/template_files.hpp"

#include <stoa/core/config_types.hpp>
#include <stoa/core/field_types.hpp>
#include <stoa/core/text.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace stoa::mail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 64 * 1024;  // bytes

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  text.resize(kLongestFile + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof())) {
    throw ConfigError("mail.templates: cannot read " + path.string());
  }
  if (text.size() > kLongestFile) {
    throw ConfigError("mail.templates: " + path.string() + " has more than 64 KiB");
  }
  if (!is_valid_utf8(text)) throw ConfigError("mail.templates: " + path.string() + " is no UTF-8");
  return text;
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

void add_language(std::map<std::string, std::string>& files, const fs::path& folder) {
  for (const auto& file : fs::directory_iterator(folder)) {
    if (is_hidden(file)) continue;
    const std::string path = folder.filename().string() + "/" + file.path().filename().string();
    files.emplace(path, read_file(file));
  }
}

}  // namespace

std::optional<TemplatePath> read_path(const std::string& path) {
  const auto slash = path.find('/');
  const auto dot = path.rfind('.');
  if (slash == std::string::npos || dot == std::string::npos || dot < slash) return std::nullopt;
  TemplatePath out{path.substr(0, slash), path.substr(slash + 1, dot - slash - 1),
                   path.substr(dot + 1)};
  const bool is_part = out.part == "subject" || out.part == "txt" || out.part == "html";
  if (!is_part || canonical_language_tag(out.language) != out.language) return std::nullopt;
  return out;
}

std::map<std::string, std::string> files_of(std::span<const http::Asset> shipped) {
  std::map<std::string, std::string> files;
  for (const auto& asset : shipped) files.emplace(asset.path, asset.content);
  return files;
}

std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (is_hidden(entry)) continue;
      if (entry.is_directory()) {
        add_language(files, entry);
      } else {
        const std::string name = entry.path().filename().string();
        files.emplace(name, name == kFrame ? read_file(entry) : "");  // else no path of a template
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw ConfigError("mail.templates: cannot read " + error.path1().string() + ": " +
                      error.code().message());
  }
  return files;
}

}  // namespace stoa::mail
