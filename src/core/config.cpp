#include "core/config_table.hpp"
#include "core/config_value.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/json.hpp>

#include <stdexcept>
#include <type_traits>

namespace stoa {
namespace config {

Table root_of(Config& config) {
  Table root;
  const auto add = [&root](std::string_view name, auto& section) {
    root.fields.push_back(detail::field_of(name, section));
  };
  add("listener", config.listener);
  add("server", config.server);
  add("http", config.http);
  add("realtime", config.realtime);
  add("socketio", config.socketio);
  add("database", config.database);
  add("jobs", config.jobs);
  add("audit", config.audit);
  add("fetch", config.fetch);
  add("disk", config.disk);
  add("storage", config.storage);
  add("s3", config.s3);
  add("codes", config.codes);
  add("rate_limits", config.rate_limits);
  add("compat", config.compat);
  add("log", config.log);
  for (const auto& section : config.sections) {
    for (const Field& field : root.fields) {
      if (field.name != section->name()) continue;
      throw std::logic_error("two sections of the configuration are called " +
                             std::string(field.name));
    }
    root.fields.push_back({section->name(), section->table()});
  }
  return root;
}

namespace {

std::vector<std::shared_ptr<Section>> made(std::span<const SectionType> types) {
  std::vector<std::shared_ptr<Section>> sections;
  for (const SectionType& type : types) sections.push_back(type.make(type.name));
  return sections;
}

void print_word(std::string& out, const Word& word) {
  append_json_string(out, word.words[word.get()]);
}

// As it stands in a row of tables.
void print_inline(std::string& out, const TableList& list) {
  out += '[';
  bool first = true;
  for (const Table& table : list.all()) {
    if (!first) out += ", ";
    first = false;
    print_inline(out, table);
  }
  out += ']';
}

void print_field(std::string& out, const Field& field) {
  out += std::string(field.name) + " = ";
  std::visit(
      [&out]<class Value>(const Value& value) {
        if constexpr (std::is_same_v<Value, Table> || std::is_same_v<Value, TableList>) {
          print_inline(out, value);
        } else if constexpr (std::is_same_v<Value, Word>) {
          print_word(out, value);
        } else {
          print_value(out, std::as_const(*value));
        }
      },
      field.value);
}

}  // namespace

void print_inline(std::string& out, const Table& table) {
  out += '{';
  bool first = true;
  for (const Field& field : table.fields) {
    out += first ? " " : ", ";
    first = false;
    print_field(out, field);
  }
  out += " }";
}

namespace {

void print_section(std::string& out, const std::string& heading, const Table& table) {
  out += heading + '\n';
  for (const Field& field : table.fields) {
    print_field(out, field);
    out += '\n';
  }
  out += '\n';
}

}  // namespace
}  // namespace config

const void* Config::values_of(std::type_index type) const {
  for (const auto& section : sections) {
    if (section->type() == type) return section->values();
  }
  throw std::logic_error(std::string("the configuration was loaded without ") + type.name());
}

Config load_config(const std::optional<std::filesystem::path>& file,
                   const std::map<std::string, std::string>& environment,
                   std::span<const config::SectionType> sections) {
  Config out;
  out.sections = config::made(sections);
  config::Table root = config::root_of(out);
  if (file) config::read_file(*file, root);
  config::read_environment(environment, root);
  for (const auto& variable : config::variables_of(root)) {
    if (environment.contains(variable)) out.from_environment.insert(variable);
  }
  if (out.listener.empty()) out.listener.emplace_back();
  try {
    config::check(out);
    for (const auto& section : out.sections) section->check(out);
  } catch (const ConfigError& error) {
    if (!file) throw;
    throw ConfigError(file->string() + ": " + error.what());
  }
  return out;
}

std::string print_config(const Config& config) {
  Config copy = config;  // a table's fields can be written
  std::string out;
  for (const auto& field : config::root_of(copy).fields) {
    const std::string name(field.name);
    if (const auto* table = std::get_if<config::Table>(&field.value)) {
      config::print_section(out, '[' + name + ']', *table);
    } else if (const auto* list = std::get_if<config::TableList>(&field.value)) {
      for (const auto& item : list->all()) config::print_section(out, "[[" + name + "]]", item);
    }
  }
  out.pop_back();
  return out;
}

std::vector<std::string> config_variables(std::span<const config::SectionType> sections) {
  Config config;
  config.sections = config::made(sections);
  return config::variables_of(config::root_of(config));
}

}  // namespace stoa
