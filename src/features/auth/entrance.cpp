#include "features/auth/auth_store.hpp"
#include "features/auth/refresh_token.hpp"

#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/auth_log.hpp>
#include <stoa/auth/entrance.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/log.hpp>
#include <stoa/users/accounts.hpp>

namespace stoa::auth {
namespace {

SignInAnswer answer_of(SignedIn signed_in) {
  SignInAnswer answer;
  answer.user = std::move(signed_in.user);
  answer.access_token = std::move(signed_in.access_token);
  answer.refresh_token = std::move(signed_in.refresh_token);
  answer.expires_in = signed_in.expires_in;
  answer.device_token = std::move(signed_in.device_token);
  return answer;
}

const store::OpenSession& standing(const std::optional<store::OpenSession>& found) {
  if (!found) throw Error(Code::invalid_token);
  if (found->suspended) throw Error(Code::suspended);
  return *found;
}

}  // namespace

Entrance::Entrance(Parts parts, const AuthConfig& options)
    : parts_(parts),
      lifetime_(std::chrono::ceil<std::chrono::seconds>(options.refresh_token_ttl)),
      fresh_for_(options.fresh_for),
      max_sessions_(options.max_sessions_per_user) {}

SignInAnswer Entrance::open(pg::Tx& tx, const Client& client, UserId user, How how) {
  lock(tx, user);
  return open_locked(tx, client, user, how);
}

void Entrance::lock(pg::Tx& tx, UserId user) {
  const auto account = tx.run(users::lock_account(user));
  if (!account) throw Error(Code::invalid_token);
  if (account->suspended) throw Error(Code::suspended);
}

void Entrance::lock(pg::Tx& tx, const Caller& caller) {
  lock(tx, caller.user);
  standing(tx.run(store::find_open(caller.user, caller.session, fresh_for_, 1)));
}

SignInAnswer Entrance::open_locked(pg::Tx& tx, const Client& client, UserId user, How how,
                                   std::optional<Timestamp> shown_at) {
  auto challenge =
      second_factor_ != nullptr ? second_factor_->challenge(tx, client, user, how) : std::nullopt;
  if (!challenge) {
    return answer_of(
        begin(tx, client, tx.run(users::get_user(user)), how, 1, "auth_login", shown_at));
  }
  tx.on_commit([user, client] { log_event("auth_challenged", user, client); });
  SignInAnswer answer;
  answer.challenge = std::move(challenge->text);
  answer.challenge_expires_in = challenge->expires_in;
  return answer;
}

SignInAnswer Entrance::complete(pg::Tx& tx, const Client& client, UserId user, How how) {
  return answer_of(begin(tx, client, tx.run(users::get_user(user)), how, 2, "auth_login"));
}

SignedIn Entrance::begin_first(pg::Tx& tx, const Client& client, users::User user) {
  return begin(tx, client, std::move(user), How::password, 1, "auth_registered");
}

SignedIn Entrance::begin(pg::Tx& tx, const Client& client, users::User user, How how, int factors,
                         std::string_view event, std::optional<Timestamp> shown_at) {
  NewSession session;
  session.id = AuthSessionId::make();
  session.token = RefreshToken::make();
  session.device = client.user_agent;
  session.ip = client.address;
  session.lifetime = lifetime_;
  session.how = how;
  session.factors = factors;
  session.shown_at = shown_at;
  tx.run(store::create_session(user.id, session));
  end_with(tx, tx.run(store::end_oldest_sessions(user.id, max_sessions_)), "auth_session_displaced",
           client);
  tx.on_commit([event, id = user.id, client] { log_event(event, id, client); });
  return renewed(std::move(user), session.id, *session.token);
}

void Entrance::keep_outside(pg::Tx& tx, const Client& client, UserId user,
                            const OutsideSignIn& sign_in, bool may_begin) {
  // What is known of it is that it is not there, or over its time.
  tx.then([this, id = sign_in.id] { parts_.gate.forget({&id, 1}); });
  const bool was_there = tx.run(store::prolong_outside(user, sign_in, client)).value > 0;
  if (was_there || !may_begin) return;
  // None: it was ended here.
  if (tx.run(store::begin_outside(user, sign_in, client)).value == 0) return;
  if (second_factor_ != nullptr && second_factor_->is_on(tx, user)) {
    throw Error(kSecondFactorNeeded);
  }
  end_with(tx, tx.run(store::end_oldest_sessions(user, max_sessions_)), "auth_session_displaced",
           client);
  tx.on_commit([user, client] { log_event("auth_login", user, client); });
}

SignedIn Entrance::renewed(users::User user, AuthSessionId session,
                           const RefreshToken& token) const {
  SignedIn answer;
  answer.access_token = parts_.tokens.issue(user.id, session, user.role);
  answer.refresh_token = parts_.marks.text(token);
  answer.expires_in = parts_.tokens.ttl().count();
  answer.device_token = parts_.devices.issue(user.id);
  answer.user = std::move(user);
  return answer;
}

void Entrance::drop_second_factor(pg::Tx& tx, const Client& client, UserId user) {
  if (second_factor_ != nullptr) second_factor_->drop(tx, client, user);
}

void Entrance::dispossess(pg::Tx& tx, const Client& client, UserId user) {
  tx.run(store::remove_password(user));
  for (AccountWatcher* const watcher : watchers_) {
    watcher->password_changed(tx, user);
    watcher->claimed(tx, user, client);
  }
  end_all(tx, user, "auth_session_ended", client);
  drop_second_factor(tx, client, user);
}

void Entrance::end_all(pg::Tx& tx, UserId user, std::string_view why, const Client& client,
                       std::optional<AuthSessionId> but) {
  tell_signed_out(tx, user);
  end_with(tx, tx.run(store::end_sessions(user, but)), why, client);
}

void Entrance::tell_signed_out(pg::Tx& tx, UserId user) {
  for (AccountWatcher* const watcher : watchers_) watcher->signed_out(tx, user);
}

Doors Entrance::doors() const {
  Doors open;
  for (const AccountWatcher* const watcher : watchers_) watcher->add_doors(open);
  return open;
}

bool Entrance::has_other_way_in(pg::Tx& tx, UserId user, const WayIn& but) const {
  return tx.run(auth::has_other_way_in(user, but, doors()));
}

void Entrance::require_confirmed_address(pg::Tx& tx, UserId user) const {
  if (!doors().links) return;
  const users::User account = tx.run(users::get_user(user));
  if (account.email && !account.is_verified) throw Error(kConfirmAddressFirst);
}

void Entrance::end_with(pg::Tx& tx, std::vector<AuthSessionId> sessions, std::string_view why,
                        const Client& client) {
  if (sessions.empty()) return;
  tx.then([this, sessions = std::move(sessions), why, client] {
    parts_.gate.forget(sessions);
    for (const auto id : sessions) {
      parts_.hub.close_sign_in(id, realtime::kUnauthorized);
      log::info(
          why,
          {{"sessionId", id.str()}, {"client", client.address}, {"requestId", client.request_id}});
    }
  });
}

Task<> Entrance::require_standing(Caller caller) {
  co_await parts_.gate.role_of(std::move(caller));
}

Task<> Entrance::require_fresh(Caller caller, int factors) {
  const auto found =
      co_await parts_.db.run(store::find_open(caller.user, caller.session, fresh_for_, factors));
  if (!standing(found).fresh) throw Error(kSignInAgain);
}

Task<> Entrance::require_fresh_with_all(Caller caller) {
  auto work = [this, caller](pg::Tx& tx) { require_fresh_with_all(tx, caller); };
  co_await parts_.db.read(std::move(work));
}

void Entrance::require_fresh(pg::Tx& tx, const Caller& caller, int factors) const {
  const auto found = tx.run(store::find_open(caller.user, caller.session, fresh_for_, factors));
  if (!standing(found).fresh) throw Error(kSignInAgain);
}

void Entrance::require_fresh_with_all(pg::Tx& tx, const Caller& caller) const {
  const bool two = second_factor_ != nullptr && second_factor_->is_on(tx, caller.user);
  require_fresh(tx, caller, two ? 2 : 1);
}

}  // namespace stoa::auth
