// What auth is to the server.
#include "features/auth/auth_store.hpp"
#include "features/auth/refresh_token.hpp"

#include <stoa/auth/account_acts.hpp>
#include <stoa/auth/auth.hpp>
#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/entrance.hpp>
#include <stoa/auth/feature.hpp>
#include <stoa/auth/session_gate.hpp>
#include <stoa/auth/socket_gate.hpp>
#include <stoa/core/log.hpp>

namespace stoa::auth {
namespace {

// In the order of construction; what stands below uses what stands above.
struct Parts {
  explicit Parts(const Platform& on, const AuthConfig& config)
      : hashing(config.bcrypt_threads, config.bcrypt_queue),
        passwords(config.bcrypt_cost),
        tokens(token_options(config)),
        devices(token_options(config), identity::UserMarks::kOfDevices),
        tickets(token_options(config), identity::UserMarks::kOfTickets),
        marks(token_options(config)),
        gate(on.db, tokens, config),
        socket_gate(on.db, gate, tickets, config.ticket_ttl),
        entrance({on.db, on.hub, gate, tokens, devices, marks}, config),
        auth({on.db, hashing, on.hub, gate, entrance, devices, tickets, passwords, marks,
              on.limiter},
             config) {}

  WorkerPool hashing;
  identity::Passwords passwords;
  identity::AccessTokens tokens;
  identity::UserMarks devices;
  identity::UserMarks tickets;
  RefreshMarks marks;
  SessionGate gate;
  SocketGate socket_gate;
  Entrance entrance;
  Auth auth;
};

}  // namespace

Feature feature() {
  return {
      .name = "auth",
      .sections = {config::section<AuthConfig, &check>("auth")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            const auto& config = on.config.section<AuthConfig>();
            if (config.keys.empty()) {
              log::warn("no_auth_keys", {{"reason",
                                          "a key was made for this run, and everybody is signed "
                                          "out at a restart: set STOA_AUTH_KEYS=name:secret"}});
            }
            auto parts = std::make_shared<Parts>(on, config);
            on.services.offer(parts->socket_gate);
            on.services.offer<SignIns>(parts->auth);
            on.services.offer(parts->entrance);
            on.services.offer(parts->gate);
            Module module;
            module.routes = auth_routes(parts->auth);
            module.jobs = {
                jobs::handle(kAccountChanged, [&auth = parts->auth](AccountChanged changed) {
                  return auth.account_changed(changed);
                })};
            module.chores = {{"ended_sign_ins", &store::delete_ended_sessions}};
            module.leaving.at_once = [&auth = parts->auth](pg::Tx& tx, const Caller& who) {
              auth.leave(tx, who);
            };
            module.exports = {
                people::lines<store::SignInRow, &store::export_sessions, &store::SignInRow::id>(
                    on.db, "sign_ins.jsonl")};
            module.metrics = [&pool = parts->hashing](Metrics& metrics) {
              observe_workers(metrics, pool, "passwords");
            };
            module.stop = [&pool = parts->hashing] { pool.stop(); };
            module.authenticator = &parts->gate;
            module.socket_authenticator = &parts->socket_gate;
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::auth
