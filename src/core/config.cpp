#include <stoa/core/config.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#define TOML_EXCEPTIONS 1
#include "core/config_value.hpp"

#include <toml++/toml.h>

namespace stoa {
namespace config {
namespace {

std::string join(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : std::string(path) + '.' + std::string(name);
}

// Every dotted key, the members of [[listener]] and [[auth.keys]] too.
template <class Section>
void collect_keys(const std::string& path, std::vector<std::string>& out) {
  Section section{};
  for_each_member(section, [&]<class Member>(std::string_view name, Member&) {
    if constexpr (kIsSection<Member>) {
      collect_keys<Member>(join(path, name), out);
    } else if constexpr (kIsSectionList<Member>) {
      collect_keys<typename Member::value_type>(join(path, name), out);
    } else {
      out.push_back(join(path, name));
    }
  });
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  collect_keys<Config>("", keys);
  return keys;
}

// The key and where it stands.
struct Place {
  const std::string& file;
  std::string path;

  Place child(std::string_view name) const { return {file, join(path, name)}; }
  [[noreturn]] void fail(const toml::node& node, const std::string& why) const {
    throw ConfigError(file + ':' + std::to_string(node.source().begin.line) + ": " + why);
  }
};

std::string_view type_word(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

// What stands there, for the error; never the text of a secret.
template <class T>
std::string found(const toml::node& node, const T&) {
  if constexpr (!std::is_same_v<T, Secret>) {
    if (const auto* text = node.as_string()) return '"' + text->get() + '"';
    if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  }
  return std::string(type_word(node));
}

template <class T>
bool from_toml(const toml::node& node, T& out) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!node.is_boolean()) return false;
    out = node.as_boolean()->get();
    return true;
  } else if constexpr (std::is_integral_v<T>) {
    return node.is_integer() && from_text(std::to_string(node.as_integer()->get()), out);
  } else if constexpr (std::is_same_v<T, double>) {
    if (node.is_integer()) return from_text(std::to_string(node.as_integer()->get()), out);
    if (!node.is_floating_point()) return false;
    out = node.as_floating_point()->get();
    return out - out == 0;  // neither nan nor infinite
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    if (!node.is_array()) return false;
    std::vector<std::string> items;
    for (const auto& item : *node.as_array()) {
      if (!from_toml(item, items.emplace_back())) return false;
    }
    out = std::move(items);
    return true;
  } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
    if (!node.is_table()) return false;
    std::map<std::string, std::string> entries;
    for (const auto& entry : *node.as_table()) {
      if (!from_toml(entry.second, entries[std::string(entry.first.str())])) return false;
    }
    out = std::move(entries);
    return true;
  } else {
    return node.is_string() && from_text(node.as_string()->get(), out);
  }
}

template <class T>
void read_node(const toml::node& node, T& out, const Place& place);

template <class Section>
void read_section(const toml::node& node, Section& out, const Place& place) {
  const auto* table = node.as_table();
  if (table == nullptr) {
    place.fail(node, place.path + ": expected a table, found " + std::string(type_word(node)));
  }
  for (const auto& entry : *table) {
    const auto& key = entry.first;
    const auto& value = entry.second;
    bool known = false;
    for_each_member(out, [&](std::string_view name, auto& member) {
      if (name != key.str()) return;
      known = true;
      read_node(value, member, place.child(name));
    });
    if (!known) {
      const auto path = join(place.path, key.str());
      place.fail(value, "unknown key \"" + path + "\"; the nearest known key is \"" +
                            nearest(path, all_keys()) + '"');
    }
  }
}

template <class T>
void read_node(const toml::node& node, T& out, const Place& place) {
  if constexpr (kIsSection<T>) {
    read_section(node, out, place);
  } else if constexpr (kIsSectionList<T>) {
    const auto* array = node.as_array();
    if (array == nullptr) {
      place.fail(node, place.path + ": expected [[" + place.path + "]], found " +
                           std::string(type_word(node)));
    }
    out.clear();
    for (const auto& item : *array) read_section(item, out.emplace_back(), place);
  } else if (!from_toml(node, out)) {
    place.fail(node, place.path + ": expected " + expected(out) + ", found " + found(node, out));
  }
}

void read_file(const std::filesystem::path& path, Config& out) {
  const std::string name = path.string();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw ConfigError(name + ": the file cannot be read");
  try {
    const toml::table table = toml::parse(text, name);
    read_section(table, out, Place{name, ""});
  } catch (const toml::parse_error& error) {
    std::string why(error.description());
    std::replace(why.begin(), why.end(), '\n', ' ');
    throw ConfigError(name + ':' + std::to_string(error.source().begin.line) +
                      ": not TOML: " + why);
  }
}

constexpr std::string_view kPrefix = "STOA_";
constexpr std::string_view kListen = "STOA_LISTEN";

std::string variable(std::string_view path, std::string_view name) {
  std::string out(path.empty() ? kPrefix.substr(0, kPrefix.size() - 1) : path);
  out += '_';
  for (const char c : name) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// Calls f(variable's name, member) for each member that the environment may set.
template <class Section, class F>
void for_each_variable(Section& section, const std::string& path, const F& f) {
  for_each_member(section, [&]<class Member>(std::string_view name, Member& member) {
    using Plain = std::remove_const_t<Member>;
    if constexpr (kIsSection<Plain>) {
      for_each_variable(member, variable(path, name), f);
    } else if constexpr (std::is_same_v<Plain, std::vector<Listener>>) {
      f(std::string(kListen), member);
    } else {
      f(variable(path, name), member);
    }
  });
}

template <class T>
void set_from(const std::string& name, const std::string& text, T& out) {
  bool fine = false;
  std::string wanted;
  std::string shown = "\"" + text + "\"";
  if constexpr (std::is_same_v<T, std::vector<Listener>>) {
    fine = listeners_from_text(text, out);
    wanted = "address:port, several separated by commas";
  } else if constexpr (std::is_same_v<T, std::vector<TokenKey>>) {
    fine = keys_from_text(text, out);
    wanted = "kid:secret, several separated by commas";
    shown = "something else";
  } else {
    fine = from_text(text, out);
    wanted = expected(out);
    if constexpr (std::is_same_v<T, Secret>) shown = "something else";
  }
  if (!fine) throw ConfigError(name + ": expected " + wanted + ", found " + shown);
}

// Other programs' STOA_ variables are left alone; what must be meant for the server is not.
void refuse_unknown(const std::map<std::string, std::string>& environment) {
  const auto known = config_variables();
  for (const auto& entry : environment) {
    const std::string& name = entry.first;
    if (!name.starts_with(kPrefix) || std::binary_search(known.begin(), known.end(), name))
      continue;
    const auto near = nearest(name, known);
    bool ours = edit_distance(name, near) <= 2;
    Config config;
    for_each_member(config, [&](std::string_view section, auto&) {
      ours = ours || name.starts_with(variable("", section) + '_');
    });
    if (ours) {
      std::string message = "unknown environment variable ";
      message.append(name).append("; the nearest known one is ").append(near);
      throw ConfigError(message);
    }
  }
}

template <class Section>
void print_inline(std::string& out, const Section& section) {
  out += '{';
  bool first = true;
  for_each_member(section, [&](std::string_view name, const auto& member) {
    out += first ? " " : ", ";
    first = false;
    out += std::string(name) + " = ";
    print_value(out, member);
  });
  out += " }";
}

template <class Section>
void print_members(std::string& out, const Section& section) {
  for_each_member(section, [&]<class Member>(std::string_view name, const Member& member) {
    out += std::string(name) + " = ";
    if constexpr (kIsSection<Member>) {
      print_inline(out, member);
    } else if constexpr (kIsSectionList<Member>) {
      out += '[';
      for (std::size_t i = 0; i < member.size(); ++i) {
        if (i > 0) out += ", ";
        print_inline(out, member[i]);
      }
      out += ']';
    } else {
      print_value(out, member);
    }
    out += '\n';
  });
}

}  // namespace
}  // namespace config

Config load_config(const std::optional<std::filesystem::path>& file,
                   const std::map<std::string, std::string>& environment) {
  Config out;
  if (file) config::read_file(*file, out);
  config::refuse_unknown(environment);
  config::for_each_variable(out, "", [&](const std::string& name, auto& member) {
    const auto found = environment.find(name);
    if (found != environment.end()) config::set_from(name, found->second, member);
  });
  if (out.listener.empty()) out.listener.emplace_back();
  try {
    config::check(out);
  } catch (const ConfigError& error) {
    if (!file) throw;
    throw ConfigError(file->string() + ": " + error.what());
  }
  return out;
}

std::string print_config(const Config& config) {
  std::string out;
  config::for_each_member(config, [&]<class Member>(std::string_view name, const Member& member) {
    if constexpr (config::kIsSectionList<Member>) {
      for (const auto& item : member) {
        out += "[[" + std::string(name) + "]]\n";
        config::print_members(out, item);
        out += '\n';
      }
    } else {
      out += '[' + std::string(name) + "]\n";
      config::print_members(out, member);
      out += '\n';
    }
  });
  out.pop_back();
  return out;
}

std::vector<std::string> config_variables() {
  std::vector<std::string> names;
  Config config;
  config::for_each_variable(config, "",
                            [&](const std::string& name, auto&) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace stoa
