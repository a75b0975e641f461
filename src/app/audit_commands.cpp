#include "app/audit_commands.hpp"

#include "app/accounts.hpp"
#include "app/command_database.hpp"
#include "app/terminal.hpp"

#include <stoa/audit/reading.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/users/accounts.hpp>

#include <iostream>

namespace stoa::app {
namespace {

// Whose address that is. Throws Error{not_found}; of a deleted account the id is left alone.
UserId user_of(pg::Tx& tx, const std::string& address) {
  const auto account = tx.run(users::find_account(as_kept(address)));
  if (!account) throw Error(Code::not_found, "no account has the address " + address);
  return account->id;
}

template <class Id>
void require_readable(const std::optional<std::string>& text, const char* wanted) {
  if (!text || text->find('@') != text->npos || Id::parse(*text)) return;
  throw ConfigError("'" + *text + "' is not " + wanted);
}

audit::Filter filter_of(pg::Tx& tx, const AuditListing& listing,
                        const std::optional<Timestamp>& since) {
  audit::Filter filter;
  filter.since = since;
  if (listing.actor) {
    const auto id = UserId::parse(*listing.actor);
    filter.actor = id ? *id : user_of(tx, *listing.actor);
  }
  if (listing.target) {
    const auto id = Uuid::parse(*listing.target);
    filter.target = id ? *id : user_of(tx, *listing.target).uuid;
  }
  return filter;
}

std::optional<Timestamp> since_of(const AuditListing& listing) {
  if (!listing.since) return std::nullopt;
  const auto since = parse_timestamp(*listing.since);
  if (!since) {
    throw ConfigError("'" + *listing.since +
                      "' is not a time; write it as in 2026-01-15T10:30:00Z");
  }
  return since;
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
  require_readable<UserId>(listing.actor, "a user's address or id");
  require_readable<Uuid>(listing.target, "an address or an id");
  const auto since = since_of(listing);
  const auto listed = in_database(config, [&listing, &since](pg::Tx& tx) {
    return tx.run(audit::list_entries(filter_of(tx, listing, since), listing.limit + 1));
  });
  print_list(listed, listing.limit, print, "nothing of that kind was done");
  return 0;
}

}  // namespace stoa::app
