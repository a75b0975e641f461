#include "features/mail/template_files.hpp"

#include <stoa/core/config_types.hpp>
#include <stoa/core/field_types.hpp>
#include <stoa/core/text.hpp>
#include <stoa/mail/templates.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace stoa::mail {
namespace {

// What every mail may name: the server's name, and where it is.
constexpr std::array<std::string_view, 2> kEverywhere = {"server", "url"};
// And what the frame may, beside these.
constexpr std::array<std::string_view, 3> kOfFrame = {"content", "subject", "language"};

// A mail without it would be for nothing.
constexpr std::string_view kNeeded = "link";

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::string as_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

Templates::Templates(std::span<const http::Asset> shipped, const std::string& folder,
                     const std::string& fallback)
    : fallback_(fallback) {
  Files files = files_of(shipped);
  for (const auto& [path, text] : files) {
    if (path == kFrame) continue;
    const auto at = read_path(path).value();
    Mail& mail = mails_[at.name];
    for (const Piece& piece : parse(path, text)) {
      if (piece.is_variable && !is_everywhere(piece.text)) mail.variables.insert(piece.text);
    }
  }
  if (!folder.empty()) {
    for (auto& [path, text] : files_of(folder)) {
      const auto at = read_path(path);
      if (path != kFrame && (!at || !mails_.contains(at->name))) {
        throw ConfigError("mail.templates: " + path +
                          " replaces no template; `stoa mail preview` lists them");
      }
      files[path] = std::move(text);
    }
  }
  const auto frame = files.extract(std::string(kFrame));
  if (frame.empty()) throw ConfigError("mail.templates: there is no frame.html");
  frame_ = parse_frame(frame.mapped());
  add(files);
}

void Templates::add(const Files& files) {
  for (const auto& [path, text] : files) {
    const auto at = read_path(path).value();
    Mail& mail = mails_.at(at.name);
    bool has_needed = false;
    for (const Piece& piece : parse(path, text)) {
      if (!piece.is_variable) continue;
      if (!mail.variables.contains(piece.text) && !is_everywhere(piece.text)) {
        throw ConfigError("mail.templates: " + path + ": there is no {{" + piece.text + "}} here");
      }
      has_needed |= piece.text == kNeeded;
    }
    const bool needs_it = at.part != "subject" && mail.variables.contains(std::string(kNeeded));
    if (needs_it && !has_needed) {
      throw ConfigError("mail.templates: " + path + " has no {{" + std::string(kNeeded) + "}}");
    }
    if (at.part == "txt") {
      mail.languages.emplace(at.language, template_of(files, at.language + "/" + at.name));
    } else if (!files.contains(at.language + "/" + at.name + ".txt")) {
      throw ConfigError("mail.templates: there is no " + at.language + "/" + at.name + ".txt");
    }
  }
  for (const auto& [name, mail] : mails_) {
    if (mail.languages.contains(fallback_)) continue;
    throw ConfigError("mail.locale: there is no " + fallback_ + "/" + name + ".txt");
  }
}

Templates::Template Templates::template_of(const Files& files, const std::string& where) {
  const auto part = [&](const char* extension) {
    const auto found = files.find(where + extension);
    if (found != files.end()) return parse(found->first, found->second);
    throw ConfigError("mail.templates: there is no " + where + extension);
  };
  return {part(".subject"), part(".txt"), part(".html")};
}

Templates::Part Templates::parse(const std::string& file, const std::string& text) {
  Part out;
  std::size_t from = 0;
  while (true) {
    const auto open = text.find("{{", from);
    out.push_back({false, text.substr(from, open == text.npos ? open : open - from)});
    if (open == text.npos) return out;
    const auto close = text.find("}}", open);
    const auto name = close == text.npos ? std::string() : text.substr(open + 2, close - open - 2);
    if (!is_name(name)) {
      throw ConfigError("mail.templates: " + file + ": write values as in {{link}}");
    }
    out.push_back({true, name});
    from = close + 2;
  }
}

Templates::Part Templates::parse_frame(const std::string& text) {
  const std::string file(kFrame);
  Part parts = parse(file, text);
  bool has_content = false;
  for (const Piece& piece : parts) {
    if (!piece.is_variable) continue;
    const bool is_own = std::find(kOfFrame.begin(), kOfFrame.end(), piece.text) != kOfFrame.end();
    if (!is_own && !is_everywhere(piece.text)) {
      throw ConfigError("mail.templates: " + file + ": there is no {{" + piece.text + "}} here");
    }
    has_content |= piece.text == "content";
  }
  if (!has_content) throw ConfigError("mail.templates: " + file + " has no {{content}}");
  return parts;
}

std::vector<std::string> Templates::names() const {
  std::vector<std::string> out;
  for (const auto& [name, mail] : mails_) out.push_back(name);
  return out;
}

std::vector<std::string> Templates::languages(const std::string& name) const {
  std::vector<std::string> out;
  for (const auto& [language, parts] : mail(name).languages) out.push_back(language);
  return out;
}

const std::set<std::string>& Templates::variables(const std::string& name) const {
  return mail(name).variables;
}

bool Templates::is_everywhere(const std::string& variable) {
  return std::find(kEverywhere.begin(), kEverywhere.end(), variable) != kEverywhere.end();
}

const Templates::Mail& Templates::mail(const std::string& name) const {
  const auto found = mails_.find(name);
  if (found == mails_.end()) throw std::invalid_argument("there is no mail \"" + name + "\"");
  return found->second;
}

std::string Templates::fill(const Part& part, const ValueOf& value_of) {
  std::string out;
  for (const Piece& piece : part) out += piece.is_variable ? value_of(piece.text) : piece.text;
  return out;
}

Rendered Templates::render(const std::string& name, const std::string& locale,
                           const Values& values) const {
  const auto& languages = mail(name).languages;
  auto found = languages.find(locale);
  for (std::string tag = locale; found == languages.end() && tag.find('-') != tag.npos;) {
    tag.erase(tag.rfind('-'));
    found = languages.find(tag);
  }
  if (found == languages.end()) found = languages.find(fallback_);
  const auto value_of = [&](const std::string& variable) {
    const auto value = values.find(variable);
    if (value == values.end()) {
      throw std::invalid_argument("the mail \"" + name + "\" has no " + variable);
    }
    return one_line(value->second);
  };
  const auto as_text_of_html = [&](const std::string& variable) {
    return as_html(value_of(variable));
  };
  const Template& parts = found->second;
  const std::string line = one_line(fill(parts.subject, value_of));
  const std::string subject(trim(line));
  const std::string content = fill(parts.html, as_text_of_html);
  const auto in_frame = [&](const std::string& variable) {
    if (variable == "content") return content;
    if (variable == "subject") return as_html(subject);
    if (variable == "language") return found->first;
    return as_text_of_html(variable);
  };
  return {subject, fill(parts.text, value_of), fill(frame_, in_frame)};
}

}  // namespace stoa::mail
