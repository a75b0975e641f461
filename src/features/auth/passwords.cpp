// The passwords of accounts that are there: changed by their owners, or set anew by who has shown otherwise that they are that.
#include "features/auth/auth_audit.hpp"
#include "features/auth/auth_store.hpp"
#include "features/auth/auth_types.hpp"
#include "features/auth/login_throttle.hpp"
#include "features/auth/new_password.hpp"

#include <stoa/auth/auth.hpp>
#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/auth_log.hpp>
#include <stoa/auth/entrance.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/text.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/net/turns.hpp>

#include <algorithm>

namespace stoa::auth {

void refuse_weak(std::string_view member, const std::string& password,
                 std::initializer_list<std::string_view> own_words) {
  const std::string word = small_letters(password);
  const bool own = std::any_of(own_words.begin(), own_words.end(), [&](std::string_view own_word) {
    return word == small_letters(own_word);
  });
  if (!own && !identity::is_common_password(password)) return;
  Issues issues;
  issues.enter(member);
  issues.add("weak_password", own ? "Must not be your own name or address"
                                  : "This is one of the commonest passwords; choose another");
  issues.raise();
}

Task<> Auth::change_password(Caller caller, PasswordChange change) {
  refuse_weak("newPassword", change.new_password.value, {});
  const std::string account = caller.user.str();
  throttle_->begin(account, LoginThrottle::Clock::now(), 2);  // the present one, and the new one

  const auto found = require_found(co_await parts_.db.run(store::find_credentials(caller.user)));
  const std::string stored = found.password_hash.value_or(parts_.passwords.decoy());
  // None: the current password is wrong.
  auto hashing = [&passwords = parts_.passwords, change, stored]() -> std::optional<std::string> {
    const std::string& wanted = change.new_password.value;
    if (passwords.verify(change.current_password.value, stored)) return passwords.hash(wanted);
    if (passwords.verify(wanted, stored)) return stored;  // done before, and the answer was lost
    return std::nullopt;
  };
  const TurnKey turn = net::turn_of(*caller.client, account);
  const std::optional<std::string> hash = co_await parts_.workers.run_for(turn, std::move(hashing));
  if (!hash) {
    log_event("auth_password_change_failed", caller.user, *caller.client);
    throw Error(kInvalidCredentials, "The current password is wrong");
  }
  throttle_->succeed(account);

  auto work = [this, caller, stored, hash = *hash](pg::Tx& tx) {
    if (!tx.run(store::lock_user_with_password(caller.user, stored))) throw Error(Code::conflict);
    parts_.entrance.lock(tx, caller);  // it may have ended while the passwords were hashed
    tx.run(store::set_password(caller.user, hash));
    if (hash != stored) {  // else it was done before
      audit::write(tx, caller, kChangePassword, {{"user", caller.user}}, audit::kNothing,
                   audit::kNothing);
      for (AccountWatcher* const watcher : parts_.entrance.watchers()) {
        watcher->password_changed(tx, caller.user);
      }
    }
    parts_.entrance.end_all(tx, caller.user, "auth_session_ended", *caller.client, caller.session);
  };
  co_await parts_.db.transaction(std::move(work));
  log_event("auth_password_changed", caller.user, *caller.client);
}

Task<std::string> Auth::hash_new(Client client, std::string member, NewPassword password,
                                 std::string email) {
  refuse_weak(member, password.value, {email, std::string_view(email).substr(0, email.find('@'))});
  const TurnKey turn = net::turn_of(client, email);
  auto hashing = [&passwords = parts_.passwords, password = std::move(password.value)] {
    return passwords.hash(password);
  };
  std::string hash = co_await parts_.workers.run_for(turn, std::move(hashing));
  co_return hash;
}

Task<ShownPassword> Auth::require_password(Caller caller, std::optional<std::string> password) {
  const std::string account = caller.user.str();
  const auto found = require_found(co_await parts_.db.run(store::find_credentials(caller.user)));
  if (!found.password_hash) co_return ShownPassword{};
  if (!password) {
    Issues issues;
    issues.enter("password");
    issues.required("string");
    issues.raise();
  }
  throttle_->begin(account, LoginThrottle::Clock::now());
  auto checking = [&passwords = parts_.passwords, given = *password,
                   stored = *found.password_hash] { return passwords.verify(given, stored); };
  const TurnKey turn = net::turn_of(*caller.client, account);
  const bool matches = co_await parts_.workers.run_for(turn, std::move(checking));
  if (!matches) {
    log_event("auth_password_refused", caller.user, *caller.client);
    throw Error(kInvalidCredentials, "The password is wrong");
  }
  throttle_->succeed(account);
  co_return ShownPassword{found.password_hash};
}

void Auth::require_still(pg::Tx& tx, UserId user, const ShownPassword& shown) const {
  const auto present = require_found(tx.run(store::find_credentials(user)));
  if (present.password_hash != shown.hash) {
    throw Error(Code::conflict, "The password was changed meanwhile");
  }
}

void Auth::renew_password(pg::Tx& tx, UserId user, std::string_view email, const std::string& hash,
                          const Client& client) {
  tx.run(store::set_password(user, hash));
  tx.run(store::forget_devices(user, std::chrono::floor<Milliseconds>(now())));
  for (AccountWatcher* const watcher : parts_.entrance.watchers()) {
    watcher->password_changed(tx, user);
  }
  parts_.entrance.end_all(tx, user, "auth_session_ended", client);
  tx.then([this, user, account = small_letters(email), client] {
    throttle_->succeed(account);
    throttle_->succeed(user.str());
  });
  tx.on_commit([user, client] { log_event("auth_password_renewed", user, client); });
}

}  // namespace stoa::auth
