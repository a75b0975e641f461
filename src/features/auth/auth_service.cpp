#include "features/auth/auth_audit.hpp"
#include "features/auth/auth_store.hpp"
#include "features/auth/auth_types.hpp"
#include "features/auth/login_throttle.hpp"
#include "features/auth/new_password.hpp"
#include "features/auth/refresh_token.hpp"
#include "features/auth/socket_ticket.hpp"

#include <stoa/auth/account_acts.hpp>
#include <stoa/auth/auth.hpp>
#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/auth_log.hpp>
#include <stoa/auth/entrance.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/core/text.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/users/accounts.hpp>
#include <stoa/users/users_codes.hpp>

namespace stoa::auth {
namespace {

constexpr std::string_view kRegistrations = "registrations";  // no account's address

struct Renewal {
  enum class Outcome { renewed, refused, suspended, reused };
  Outcome outcome = Outcome::refused;
  std::optional<users::User> user;
  UserId owner;  // of the sign-in, which these are of
  AuthSessionId session;
  std::optional<RefreshToken> token;
};

Renewal renew(pg::Tx& tx, const RefreshToken& shown, const RefreshToken& next, const Client& client,
              std::chrono::seconds lifetime) {
  Renewal renewal;
  const auto session = tx.run(store::find_session_of(shown));
  if (!session || session->over) return renewal;
  renewal.owner = session->user;
  renewal.session = session->id;
  const std::string hash = shown.hash();
  if (hash == session->refresh_hash) {
    if (session->suspended) {
      renewal.outcome = Renewal::Outcome::suspended;
      return renewal;
    }
    tx.run(store::rotate(session->id, shown, next, client, lifetime));
    renewal.token = next;
  } else if (hash == session->previous_hash && session->in_retry_window && session->successor &&
             session->device == client.user_agent && !session->suspended) {
    renewal.token = unseal(shown, *session->successor);
  }
  if (renewal.token) {
    renewal.outcome = Renewal::Outcome::renewed;
    renewal.user = tx.run(users::get_user(session->user));
  } else {
    renewal.outcome = Renewal::Outcome::reused;
  }
  return renewal;
}

}  // namespace

Auth::Auth(Parts parts, const AuthConfig& options)
    : parts_(parts),
      lifetime_(std::chrono::ceil<std::chrono::seconds>(options.refresh_token_ttl)),
      ticket_ttl_(options.ticket_ttl),
      max_tickets_(options.max_tickets_per_user),
      throttle_(std::make_unique<LoginThrottle>(options)) {}

Auth::~Auth() = default;

void Auth::count(Limit limit, const net::RateKey& key) {
  net::require_allowed(parts_.limiter.count(limit, key, net::RateLimiter::Clock::now()));
}

void Auth::look(Limit limit, const net::RateKey& key) {
  net::require_allowed(parts_.limiter.look(limit, key, net::RateLimiter::Clock::now()));
}

bool Auth::note_failure(const net::RateKey& key) {
  const auto rate = parts_.limiter.count(Limit::sensitive, key, net::RateLimiter::Clock::now());
  return !rate || rate->allowed;
}

bool Auth::may_fail(const net::RateKey& key) {
  const auto rate = parts_.limiter.look(Limit::sensitive, key, net::RateLimiter::Clock::now());
  return !rate || rate->allowed;
}

// The row counts what was made. What is refused since an address or a name is taken is a guess of the client's address;
// what is refused before anything was looked up costs and tells nothing.
Task<SignedIn> Auth::create_account(Client client, Registration registration) {
  const std::string& email = registration.email.value;
  refuse_weak(
      "password", registration.password.value,
      {email, std::string_view(email).substr(0, email.find('@')), registration.full_name.value,
       registration.username ? std::string_view(registration.username->value) : ""});

  // Before the costly hash; the unique index decides between those who come at once, and alone where there were too many
  // guesses: then what is taken is told neither in words nor by the time that it takes.
  const auto address = net::RateKey::of_address(client.address);
  if (may_fail(address)) {
    const bool taken = co_await parts_.db.run(store::has_email(email));
    if (taken && note_failure(address)) throw Error(users::kEmailTaken);
  }

  auto hashing = [&passwords = parts_.passwords, password = registration.password.value] {
    return passwords.hash(password);
  };
  // All that an address registers is one in turns and in the queue, so that who has an account is not held up by it.
  const TurnKey turn = net::turn_of(client, kRegistrations);
  std::string hash = co_await parts_.workers.run_for(turn, std::move(hashing));
  look(Limit::registration, address);  // many may have been hashed since the row has looked
  users::NewUser account;
  account.password_hash = std::move(hash);
  account.email = email;
  account.full_name = registration.full_name.value;
  if (registration.username) account.username = registration.username->value;
  account.locale = registration.locale ? registration.locale->value : locale_;
  account.role = registration.role.value == ChosenRole::mentor ? Role::mentor : Role::learner;

  auto work = [this, account, client](pg::Tx& tx) {
    const users::User user = users::create_user(tx, account);
    for (AccountWatcher* const watcher : parts_.entrance.watchers()) {
      watcher->registered(tx, user, client);
    }
    return parts_.entrance.begin_first(tx, client, user);
  };
  try {
    SignedIn signed_in = co_await parts_.db.transaction(std::move(work));
    co_return signed_in;
  } catch (const Error& refused) {
    if (refused.code().http_status < 500) count(Limit::sensitive, address);
    throw;
  }
}

// Wrong passwords count for the account and for the client's address; or for the device alone, which is shown with the token
// that the account gave it.
Task<SignInAnswer> Auth::login(Client client, Login login) {
  const std::string account = small_letters(login.email.value);
  const auto address = net::RateKey::of_address(client.address);
  auto device =
      login.device_token ? parts_.devices.verify(login.device_token->value) : std::nullopt;
  // Each time costs a query before it is known whether it is of that account: shown too often, those of a person are believed no
  // more, however many there are.
  if (device && !note_failure(net::RateKey::of(device->user))) device.reset();
  if (!device) {
    look(Limit::sensitive, address);
    throttle_->begin(account);
  }

  const std::string& email = login.email.value;
  const auto found = co_await parts_.db.run(store::find_credentials(email));
  const bool known = found && found->password_hash;
  // Whose wrong passwords slow down the next one.
  const bool by_device =
      device && found && device->user == found->id && device->made_at >= found->devices_since;
  const std::string guesser = by_device ? device->id.str() : account;
  if (device && !by_device) look(Limit::sensitive, address);
  if (device) throttle_->begin(guesser);
  const auto failed = [&](const Code& why) {
    if (!by_device) note_failure(address);
    return Error(why);
  };
  const std::string stored = known ? *found->password_hash : parts_.passwords.decoy();

  // The same work for a known address and an unknown one.
  auto checking = [&passwords = parts_.passwords, password = login.password.value, stored] {
    return passwords.verify(password, stored);
  };
  const TurnKey turn = net::turn_of(client, guesser);
  const bool matches = co_await parts_.workers.run_for(turn, std::move(checking));
  if (!matches || !known) {
    log_event("auth_login_failed", known ? std::optional(found->id) : std::nullopt, client);
    throw failed(kInvalidCredentials);
  }
  throttle_->succeed(guesser);
  if (found->suspended) {
    log_event("auth_login_suspended", found->id, client);
    throw failed(Code::suspended);
  }

  std::optional<std::string> better;
  if (parts_.passwords.outdated(stored)) {
    auto hashing = [&passwords = parts_.passwords, password = login.password.value] {
      return passwords.hash(password);
    };
    std::string hash = co_await parts_.workers.run_for(turn, std::move(hashing));
    better = std::move(hash);
  }

  auto work = [&entrance = parts_.entrance, id = found->id, stored, better,
               client](pg::Tx& tx) -> std::optional<SignInAnswer> {
    if (!tx.run(store::lock_user_with_password(id, stored))) return std::nullopt;
    if (better) tx.run(store::set_password(id, *better));
    return entrance.open_locked(tx, client, id, How::password);
  };
  std::optional<SignInAnswer> answer = co_await parts_.db.transaction(std::move(work));
  if (!answer) throw failed(kInvalidCredentials);
  co_return std::move(*answer);
}

// What we have given counts by its sign-in. Of the rest only what is refused counts, by its address.
Task<SignedIn> Auth::refresh(Client client, Refresh refresh) {
  const auto read = parts_.marks.read(refresh.refresh_token.value);
  const bool is_ours = read && read->is_ours;
  const auto address = net::RateKey::of_address(client.address);
  if (!read) {
    count(Limit::renewal, address);
    throw Error(Code::invalid_token);
  }
  if (is_ours) {
    count(Limit::renewal, read->token.key());
  } else {
    look(Limit::renewal, address);
  }
  const RefreshToken& shown = read->token;
  auto work = [shown, next = shown.successor(), client, lifetime = lifetime_](pg::Tx& tx) {
    return renew(tx, shown, next, client, lifetime);
  };
  Renewal renewal = co_await parts_.db.transaction(std::move(work));
  const bool is_refused = renewal.outcome != Renewal::Outcome::renewed;
  if (is_refused && !is_ours) count(Limit::renewal, address);
  switch (renewal.outcome) {
    case Renewal::Outcome::renewed:
      break;
    case Renewal::Outcome::suspended:
      throw Error(Code::suspended);
    case Renewal::Outcome::reused:
      co_await end_reused(client, renewal.owner, renewal.session);
      throw Error(Code::invalid_token);
    case Renewal::Outcome::refused:
      throw Error(Code::invalid_token);
  }
  log_event("auth_refreshed", renewal.user->id, client);
  co_return parts_.entrance.renewed(std::move(*renewal.user), renewal.session, *renewal.token);
}

// In a transaction of its own, since the account's row is locked before that of the sign-in. A token that was used stays so meanwhile.
Task<> Auth::end_reused(Client client, UserId owner, AuthSessionId session) {
  auto work = [this, client, owner, session](pg::Tx& tx) {
    tx.run(users::lock_account(owner));
    tx.run(store::end_session(owner, session));
    parts_.entrance.end_with(tx, {session}, "auth_refresh_reused", client);
  };
  co_await parts_.db.transaction(std::move(work));
}

Task<SocketTicket> Auth::create_ticket(Caller caller) {
  SocketTicket answer;
  answer.ticket = make_socket_ticket(parts_.tickets, caller.user);
  auto work = [ticket = answer.ticket, caller, ttl = ticket_ttl_, most = max_tickets_](pg::Tx& tx) {
    return keep_socket_ticket(tx, ticket, caller, ttl, most);
  };
  answer.expires_at = co_await parts_.db.transaction(std::move(work));
  co_return answer;
}

// Whoever ends a sign-in locks the account's row first: what the sign-in is about to change is there by then, or refused.
Task<> Auth::logout(Caller caller) {
  auto work = [this, caller](pg::Tx& tx) {
    tx.run(users::lock_account(caller.user));
    tx.run(store::end_session(caller.user, caller.session));
    parts_.entrance.end_with(tx, {caller.session}, "auth_logout", *caller.client);
  };
  co_await parts_.db.transaction(std::move(work));
}

Task<> Auth::logout_all(Caller caller) {
  auto work = [this, caller](pg::Tx& tx) {
    tx.run(users::lock_account(caller.user));
    const OpenSignIns before{tx.run(store::count_open_sessions(caller.user))};
    parts_.entrance.end_all(tx, caller.user, "auth_logout_all", *caller.client);
    audit::write(tx, caller, kSignOutAll, {{"user", caller.user}}, before, OpenSignIns{0});
  };
  co_await parts_.db.transaction(std::move(work));
}

Task<Page<SessionView>> Auth::list_sessions(Caller caller, PageQuery query) {
  const auto before = id_of<AuthSessionId>(query.cursor);
  const int limit = query.limit.value;
  auto listing = store::list_sessions(caller.user, before, limit + 1);
  std::vector<SessionView> items = co_await parts_.db.run(std::move(listing));
  Page<SessionView> page = page_by_id(std::move(items), limit);
  for (auto& item : page.items) item.current = item.id == caller.session;
  co_return page;
}

Task<> Auth::end_session(Caller caller, SessionPath path) {
  auto work = [this, caller, id = path.id](pg::Tx& tx) {
    tx.run(users::lock_account(caller.user));
    parts_.entrance.tell_signed_out(tx, caller.user);
    const bool was_open = !tx.run(store::end_session(caller.user, id)).empty();
    if (was_open) {
      audit::write(tx, caller, kEndSignIn, {{"sign_in", id}, audit::Thing("user", caller.user)},
                   audit::kNothing, audit::kNothing);
    }
    if (was_open || tx.run(store::has_just_ended(caller.user, id))) {
      parts_.entrance.end_with(tx, {id}, "auth_session_ended", *caller.client);
    }
    return was_open;
  };
  const bool was_open = co_await parts_.db.transaction(std::move(work));
  if (!was_open) throw Error(Code::not_found);
}

Task<> Auth::account_changed(AccountChanged changed) {
  const UserId user = changed.user;
  const auto sessions = co_await parts_.db.run(store::list_open_sessions(user));
  parts_.gate.forget(sessions);
  const bool suspended = co_await parts_.db.run(store::is_suspended(user));
  if (!suspended) co_return;
  parts_.hub.close_user(user, realtime::kUnauthorized);
  log::info("auth_suspended", {{"userId", user.str()}});
}

void Auth::leave(pg::Tx& tx, const Caller& who) {
  parts_.entrance.end_all(tx, who.user, "auth_account_deleted", *who.client);
  tx.run(store::delete_sessions(who.user));
  tx.run(store::delete_tickets(who.user));
  tx.then([this, user = who.user] { parts_.hub.close_user(user, realtime::kUnauthorized); });
}

std::string Auth::device_token(UserId user) const {
  return parts_.devices.issue(user);
}

AuthSessionId open_sign_in(pg::Tx& tx, UserId user, std::string_view device,
                           std::chrono::seconds lifetime) {
  NewSession session;
  session.id = AuthSessionId::make();
  session.device = device;
  session.lifetime = lifetime;
  session.how = How::operator_;
  tx.run(store::create_session(user, session));
  audit::write(tx, audit::Actor::the_operator(), kOpenSignIn,
               {{"sign_in", session.id}, audit::Thing("user", user)}, audit::kNothing,
               audit::kNothing);
  return session.id;
}

}  // namespace stoa::auth
