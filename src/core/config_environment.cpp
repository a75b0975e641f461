// STOA_<SECTION>_<KEY> over what the file said.
#include "core/config_table.hpp"
#include "core/config_value.hpp"

#include <algorithm>
#include <cctype>
#include <type_traits>

namespace stoa::config {
namespace {

constexpr std::string_view kPrefix = "STOA_";

std::string variable(std::string_view path, std::string_view name) {
  std::string out(path);
  for (const char c : name) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// Calls f(variable's name, field) for each that the environment may set.
template <class F>
void for_each_variable(const Table& table, const std::string& path, const F& f) {
  for (const Field& field : table.fields) {
    if (const auto* inner = std::get_if<Table>(&field.value)) {
      for_each_variable(*inner, variable(path, field.name) + '_', f);
    } else if (const auto* list = std::get_if<TableList>(&field.value)) {
      // An address to listen on is what one sets most.
      const bool listeners = path == kPrefix && field.name == "listener";
      if (list->from_text) f(listeners ? "STOA_LISTEN" : variable(path, field.name), field);
    } else {
      f(variable(path, field.name), field);
    }
  }
}

void set_from(const std::string& name, const std::string& text, const Field& field) {
  std::string wanted;
  bool fine = false;
  bool secret = false;
  std::visit(
      [&]<class Value>(const Value& value) {
        if constexpr (std::is_same_v<Value, TableList>) {
          fine = value.from_text(text);
          wanted = value.expected;
          secret = value.is_secret;
        } else if constexpr (std::is_same_v<Value, Word>) {
          fine = set_word(text, value);
          wanted = expected(value);
        } else if constexpr (std::is_same_v<Value, std::map<std::string, std::string>*>) {
          wanted = expected(*value);
        } else if constexpr (std::is_pointer_v<Value>) {
          fine = from_text(text, *value);
          wanted = expected(*value);
          secret = std::is_same_v<Value, Secret*>;
        }
      },
      field.value);
  const std::string shown = secret ? "something else" : '"' + text + '"';
  if (!fine) throw ConfigError(name + ": expected " + wanted + ", found " + shown);
}

// Other programs' STOA_ variables are left alone; what must be meant for the server is not.
void refuse_unknown(const std::map<std::string, std::string>& environment, const Table& root) {
  const auto known = variables_of(root);
  for (const auto& entry : environment) {
    const std::string& name = entry.first;
    if (!name.starts_with(kPrefix) || std::binary_search(known.begin(), known.end(), name))
      continue;
    const auto near = nearest(name, known);
    bool ours = edit_distance(name, near) <= 2;
    for (const Field& section : root.fields) {
      ours = ours || name.starts_with(variable(kPrefix, section.name) + '_');
    }
    if (ours) {
      std::string message = "unknown environment variable ";
      message.append(name).append("; the nearest known one is ").append(near);
      throw ConfigError(message);
    }
  }
}

}  // namespace

std::vector<std::string> variables_of(const Table& root) {
  std::vector<std::string> names;
  for_each_variable(root, std::string(kPrefix),
                    [&](const std::string& name, const Field&) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  return names;
}

void read_environment(const std::map<std::string, std::string>& environment, Table& root) {
  refuse_unknown(environment, root);
  for_each_variable(root, std::string(kPrefix), [&](const std::string& name, const Field& field) {
    const auto found = environment.find(name);
    if (found != environment.end()) set_from(name, found->second, field);
  });
}

}  // namespace stoa::config
