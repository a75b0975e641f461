#include "app/commands.hpp"

#include "app/accounts.hpp"
#include "app/application.hpp"
#include "app/command_database.hpp"
#include "app/seed.hpp"
#include "app/version.hpp"

#include <stoa/auth/auth.hpp>
#include <stoa/auth/auth_config.hpp>
#include <stoa/core/log.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/migrator.hpp>
#include <stoa/recovery/reset_link.hpp>
#include <stoa/second_factor/operator_acts.hpp>

#include <iostream>
#include <span>

namespace stoa::app {
namespace {

struct Account {
  UserId id;
  Role role = Role::learner;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, role))

struct SignIn {
  Account account;
  AuthSessionId session;
};

std::vector<SignIn> open_sign_ins(pg::Tx& tx, const std::vector<UserId>& users,
                                  std::chrono::seconds lifetime) {
  std::vector<SignIn> opened;
  opened.reserve(users.size());
  for (const auto& user : users) {
    const auto account =
        tx.find<Account>("select id, role from users where id = $1 and deleted_at is null", user);
    if (!account) throw Error(Code::not_found, "there is no user " + user.str());
    const auto session = auth::open_sign_in(tx, user, "stoa admin token", lifetime);
    opened.push_back({*account, session});
  }
  return opened;
}

// Only where they are used: other commands may run as somebody who cannot read the keys.
void require_certificates(const Config& config) {
  try {
    net::check_certificates(config.listener);
  } catch (const net::ListenError& error) {
    throw ConfigError(std::string("listener.tls_certificate: ") + error.what());
  }
}

// A document needs every part of the server but none of its data: that there is no database is not said.
int print_document(const Config& config, const std::string& (Application::*document)() const) {
  const Quiet quiet;
  const Application application(config);
  std::cout << (application.*document)() << "\n";
  return 0;
}

}  // namespace

int serve(const Config& config) {
  require_certificates(config);
  Signals signals;  // before any thread, so that all of them leave the signals to it
  log::start(config.log);
  int code = 0;
  try {
    Application application(config);
    application.serve(signals);
  } catch (const std::exception& error) {
    log::error("failed", {{"reason", error.what()}});
    code = 1;
  }
  log::stop();
  return code;
}

int migrate(const Config& config) {
  auto options = one_connection(config);
  options.statement_timeout = std::chrono::milliseconds::zero();
  const auto applied = with_database(options, [](pg::Database& db) {
    return pg::migrate(db, pg::migrations(), [](std::string_view name) {
      std::cout << "applying " << name << std::endl;
    });
  });
  for (const auto& name : applied) std::cout << "applied " << name << "\n";
  if (applied.empty()) std::cout << "the schema is up to date\n";
  return 0;
}

int print_configuration(const Config& config) {
  require_certificates(config);
  std::cout << print_config(config);
  return 0;
}

int seed(const Config& config) {
  const auto added = with_database(one_connection(config), [&config](pg::Database& db) {
    pg::migrate(db);
    return add_demo(db, config.section<auth::AuthConfig>());
  });
  std::cout << (added > 0 ? "added the demo people and rooms\n" : "the demo is there already\n");
  std::cout << "password of all: " << demo_password() << "\n";
  for (const auto& person : demo_people()) {
    std::cout << "  " << person.email << "  (" << person.full_name << ")\n";
  }
  return 0;
}

int act_on_account(const Config& config, AccountAct act, const std::string& address) {
  const std::string email = as_kept(address);
  in_database(config, [act, &email](pg::Tx& tx) { act(tx, email); });
  std::cout << "done; a running server knows within jobs.poll\n";
  return 0;
}

int act_on_thing(const Config& config, AccountAct act, const std::string& which) {
  in_database(config, [act, kept = as_kept(which)](pg::Tx& tx) { act(tx, kept); });
  std::cout << "done\n";
  return 0;
}

int reset_totp(const Config& config, const std::string& who) {
  using second_factor::WasReset;
  const auto was = in_database(config, [&config, who = as_kept(who)](pg::Tx& tx) {
    return second_factor::reset(tx, config, who);
  });
  if (was == WasReset::none) {
    std::cout << "that account has no second factor: nothing was changed\n";
    return 0;
  }
  std::cout << "done: its password alone signs in; "
            << (was == WasReset::told ? "its owner is told by mail\n"
                                      : "its owner is not told, since no mail can be sent there\n");
  return 0;
}

int print_reset_link(const Config& config, const std::string& address) {
  const auto made = in_database(config, [&config, email = as_kept(address)](pg::Tx& tx) {
    return recovery::make_reset_link(tx, config, email);
  });
  std::cout << made.link << "\n";
  std::cerr << "good once, until " << to_rfc3339(made.expires)
            << ", for whoever has it: give it to the owner of the account alone\n";
  if (config.server.public_url == config::Server{}.public_url) {
    std::cerr << "it begins with the default of server.public_url: name the server's configuration "
                 "by --config, or STOA_SERVER_PUBLIC_URL\n";
  }
  return 0;
}

int reseal(const Config& config) {
  const auto sealer = second_factor::sealer_of(config.section<auth::AuthConfig>());
  if (sealer.has_temporary_key()) {
    throw ConfigError("auth.sealing_keys: configure a key, and the old ones behind it");
  }
  constexpr int kAtOnce = 500;  // in one transaction
  const int sealed = with_database(one_connection(config), [&sealer](pg::Database& db) {
    int all = 0;
    for (;;) {
      const int some = db.run_blocking(
          [&sealer](pg::Tx& tx) { return second_factor::reseal(tx, sealer, kAtOnce); });
      if (some == 0) return all;
      all += some;
    }
  });
  std::cout << "sealed anew: " << sealed << "\n";
  return 0;
}

int mint_tokens(const Config& config, const std::vector<UserId>& users) {
  if (users.empty()) throw ConfigError("name users with --user or --users-file");
  const identity::AccessTokens tokens(auth::token_options(config.section<auth::AuthConfig>()));
  if (tokens.has_temporary_key()) {
    throw ConfigError("auth.keys: configure a key, so that the server knows the tokens");
  }
  const auto opened =
      in_database(config, [&](pg::Tx& tx) { return open_sign_ins(tx, users, tokens.ttl()); });
  for (const auto& sign_in : opened) {
    std::cout << tokens.issue(sign_in.account.id, sign_in.session, sign_in.account.role) << "\n";
  }
  return 0;
}

int print_openapi(const Config& config) {
  return print_document(config, &Application::openapi);
}

int print_asyncapi(const Config& config) {
  return print_document(config, &Application::asyncapi);
}

int print_version() {
  std::cout << "stoa " << kVersion << "\n";
  return 0;
}

}  // namespace stoa::app
