#include "app/audit_commands.hpp"

#include "app/command_database.hpp"
#include "app/terminal.hpp"

#include <stoa/audit/reading.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/database.hpp>

#include <iostream>

namespace stoa::app {
namespace {

template <class T, class Parse>
std::optional<T> read(const std::optional<std::string>& text, Parse parse, const char* wanted) {
  if (!text) return std::nullopt;
  const std::optional<T> value = parse(*text);
  if (!value) throw ConfigError("'" + *text + "' is not " + wanted);
  return value;
}

// What a row does not have is left out.
void print(const audit::Entry& entry) {
  std::cout << to_rfc3339(entry.at) << "  " << entry.action << "  " << entry.target_kind << " "
            << entry.target_id.str();
  if (entry.within_id) std::cout << "  in " << *entry.within_kind << " " << entry.within_id->str();
  std::cout << "  by " << entry.actor_kind;
  if (entry.actor_id) std::cout << " " << entry.actor_id->str();
  if (entry.session_id) std::cout << "  sign-in " << entry.session_id->str();
  if (!entry.address.empty()) std::cout << "  from " << one_line(entry.address);
  if (!entry.request_id.empty()) std::cout << "  request " << one_line(entry.request_id);
  if (entry.before) std::cout << "  before " << one_line(*entry.before);
  if (entry.after) std::cout << "  after " << one_line(*entry.after);
  std::cout << "\n";
}

}  // namespace

int list_audit(const Config& config, const AuditListing& listing) {
  audit::Filter filter;
  filter.actor = read<UserId>(listing.actor, &UserId::parse, "a user's id");
  filter.target = read<Uuid>(listing.target, &Uuid::parse, "an id");
  filter.since = read<Timestamp>(listing.since, &parse_timestamp,
                                 "a time; write it as in 2026-01-15T10:30:00Z");
  const auto listed = in_database(config, [&filter, &listing](pg::Tx& tx) {
    return tx.run(audit::list_entries(filter, listing.limit + 1));
  });
  print_list(listed, listing.limit, print, "nothing of that kind was done");
  return 0;
}

}  // namespace stoa::app
