// A TOML file into the table of fields.
#include "core/config_table.hpp"
#include "core/config_value.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <type_traits>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace stoa::config {
namespace {

std::string join(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : std::string(path) + '.' + std::string(name);
}

void collect_keys(const Table& table, const std::string& path, std::vector<std::string>& out) {
  for (const Field& field : table.fields) {
    if (const auto* inner = std::get_if<Table>(&field.value)) {
      collect_keys(*inner, join(path, field.name), out);
    } else if (const auto* list = std::get_if<TableList>(&field.value)) {
      collect_keys(list->sample(), join(path, field.name), out);
    } else {
      out.push_back(join(path, field.name));
    }
  }
}

// The key and where it stands.
struct Place {
  const std::string& file;
  const Table& root;
  std::string path;

  Place child(std::string_view name) const { return {file, root, join(path, name)}; }
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
std::string found(const toml::node& node, bool secret) {
  if (!secret) {
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

// `wanted`: how the table is written, for the error.
void read_table(const toml::node& node, const Table& out, const Place& place,
                const std::string& wanted);

// A section by its heading, what stands in one as it is by default.
std::string shape_of(const Table& table, const std::string& path) {
  if (path.find('.') == std::string::npos) return '[' + path + ']';
  std::string out;
  print_inline(out, table);
  return out;
}

// A table is meant for another of `among`, where it has any.
[[noreturn]] void refuse_unknown(const toml::node& node, const Table& among,
                                 const std::string& path, const Place& place) {
  std::vector<std::string> known;
  if (node.is_table() || node.is_array_of_tables()) {
    for (const Field& field : among.fields) {
      const bool is_table = std::holds_alternative<Table>(field.value) ||
                            std::holds_alternative<TableList>(field.value);
      if (is_table) known.push_back(join(place.path, field.name));
    }
  }
  const bool is_section = place.path.empty() && !known.empty();
  const std::string kind = is_section ? "section" : "key";
  if (known.empty()) known = keys_of(place.root);
  place.fail(node, "unknown " + kind + " \"" + path + "\"; the nearest known " + kind + " is \"" +
                       nearest(path, known) + '"');
}

void read_list(const toml::node& node, const TableList& out, const Place& place) {
  const auto* array = node.as_array();
  const std::string wanted = "[[" + place.path + "]]";
  if (array == nullptr) {
    place.fail(node,
               place.path + ": expected " + wanted + ", found " + std::string(type_word(node)));
  }
  out.clear();
  for (const auto& item : *array) read_table(item, out.append(), place, wanted);
}

void read_field(const toml::node& node, const Field& field, const Place& place) {
  const auto refuse = [&](const std::string& wanted, bool secret) {
    place.fail(node, place.path + ": expected " + wanted + ", found " + found(node, secret));
  };
  std::visit(
      [&]<class Value>(const Value& value) {
        if constexpr (std::is_same_v<Value, Table>) {
          read_table(node, value, place, shape_of(value, place.path));
        } else if constexpr (std::is_same_v<Value, TableList>) {
          read_list(node, value, place);
        } else if constexpr (std::is_same_v<Value, Word>) {
          const auto* text = node.as_string();
          if (text == nullptr || !set_word(text->get(), value)) refuse(expected(value), false);
        } else if (!from_toml(node, *value)) {
          refuse(expected(*value), std::is_same_v<Value, Secret*>);
        }
      },
      field.value);
}

void read_table(const toml::node& node, const Table& out, const Place& place,
                const std::string& wanted) {
  const auto* table = node.as_table();
  if (table == nullptr) {
    place.fail(node,
               place.path + ": expected " + wanted + ", found " + std::string(type_word(node)));
  }
  for (const auto& entry : *table) {
    const auto& key = entry.first;
    const auto known = std::find_if(out.fields.begin(), out.fields.end(),
                                    [&](const Field& field) { return field.name == key.str(); });
    if (known == out.fields.end()) {
      refuse_unknown(entry.second, out, join(place.path, key.str()), place);
    }
    read_field(entry.second, *known, place.child(known->name));
  }
}

}  // namespace

std::vector<std::string> keys_of(const Table& root) {
  std::vector<std::string> keys;
  collect_keys(root, "", keys);
  return keys;
}

void read_file(const std::filesystem::path& path, Table& root) {
  const std::string name = path.string();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw ConfigError(name + ": the file cannot be read");
  try {
    const toml::table table = toml::parse(text, name);
    read_table(table, root, Place{name, root, ""}, "a table");
  } catch (const toml::parse_error& error) {
    std::string why(error.description());
    std::replace(why.begin(), why.end(), '\n', ' ');
    throw ConfigError(name + ':' + std::to_string(error.source().begin.line) +
                      ": not TOML: " + why);
  }
}

}  // namespace stoa::config
