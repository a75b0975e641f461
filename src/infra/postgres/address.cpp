#include "infra/postgres/address.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

#include <libpq-fe.h>

namespace stoa::pg {
namespace {

void append_setting(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out.append(key).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
}

}  // namespace

std::string connection_string(const DatabaseOptions& options) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(options.url.c_str(), nullptr), &PQconninfoFree);
  if (!parsed) throw std::invalid_argument("the database's address cannot be read by libpq");

  std::map<std::string, std::string> settings;
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  auto& name = settings.try_emplace("application_name", "stoa").first->second;
  if (!options.instance.empty()) {
    constexpr std::size_t kLongestName = 63;  // bytes; PostgreSQL cuts off the rest
    name.resize(
        std::min(name.size(), kLongestName - std::min(kLongestName, options.instance.size() + 1)));
    name += ' ' + options.instance;
  }
  settings["client_encoding"] = "UTF8";
  // libpq counts whole seconds and takes 1 for 2.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
  settings["connect_timeout"] = std::to_string(std::max<std::int64_t>(seconds, 2));
  // Set by the start packet and not by a statement: it costs no round trip. Ours comes last and
  // wins.
  auto& session = settings["options"];
  if (!session.empty()) session += ' ';
  session += "-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=" +
             std::to_string(options.statement_timeout.count());
  if (options.generic_plans) {
    // Planned once, perhaps while the tables are empty: a whole table must never look cheap then.
    session += " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";
  }

  std::string text;
  for (const auto& [key, value] : settings) append_setting(text, key, value);
  return text;
}

}  // namespace stoa::pg
