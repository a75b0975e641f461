#pragma once
// The whole configuration as one table of fields, and what fills it. Each throws ConfigError.
#include <stoa/core/config.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::config {

// Points into `config` and the sections that it shares.
Table root_of(Config& config);

// "database.url": every key, those of [[listener]] and [[auth.keys]] too.
std::vector<std::string> keys_of(const Table& root);
// "STOA_DATABASE_URL": every variable, sorted.
std::vector<std::string> variables_of(const Table& root);

// As it stands behind a key: "{ requests = 100, window = \"15m\" }", secrets masked.
void print_inline(std::string& out, const Table& table);

void read_file(const std::filesystem::path& path, Table& root);
void read_environment(const std::map<std::string, std::string>& environment, Table& root);

// What needs more than one key, or a range, in the server's own sections.
void check(const Config& config);

}  // namespace stoa::config
