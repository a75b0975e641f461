#include <stoa/audit/audit.hpp>

namespace stoa::audit {
namespace {

using AuditId = Id<struct AuditTag>;

std::optional<std::string> bounded(std::optional<std::string> json) {
  if (json && json->size() > kMostBytes) {
    json = "{\"omittedBytes\":" + std::to_string(json->size()) + "}";
  }
  return json;
}

}  // namespace

Actor::Actor(const Caller& caller)
    : user(caller.user),
      session(caller.session),
      address(caller.client->address),
      request_id(caller.client->request_id) {}

Actor::Actor(UserId who, const Client& client)
    : user(who), address(client.address), request_id(client.request_id) {}

Actor Actor::the_operator() {
  return {};
}

void detail::insert(pg::Tx& tx, const Actor& actor, const Action& action, const Target& target,
                    std::optional<std::string> before, std::optional<std::string> after) {
  if (before && before == after) return;
  std::optional<std::string_view> within_kind;
  std::optional<Uuid> within_id;
  if (target.within) {
    within_kind = target.within->kind;
    within_id = target.within->id;
  }
  tx.run(
      "insert into audit_log (id, actor_kind, actor_id, session_id, address, request_id, action,"
      " target_kind, target_id, within_kind, within_id, before, after)"
      " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13::jsonb)",
      AuditId::make(), actor.user ? "user" : "operator", actor.user, actor.session, actor.address,
      actor.request_id, action.name, target.thing.kind, target.thing.id, within_kind, within_id,
      bounded(std::move(before)), bounded(std::move(after)));
}

}  // namespace stoa::audit
