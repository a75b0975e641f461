#pragma once
// Where every door of signing in ends (docs/adr/0027-second-factors.md): who has shown whose account it is gets tokens here, or a challenge where the account
// has a second factor. And what is asked of a sign-in later: whether it is fresh.
//
//   auto work = [this, client, user](pg::Tx& tx) { return entrance_.open(tx, client, user, auth::How::password); };
//   SignInAnswer answer = co_await db_.transaction(std::move(work));   // the answer of the route
//
//   co_await entrance_.require_fresh(caller);   // before what a stolen token must not do, where that takes long
//   auto work = [this, caller](pg::Tx& tx) {
//     entrance_.lock(tx, caller.user);
//     entrance_.require_fresh(tx, caller);      // and where it is done: the sign-in may have ended meanwhile
//
// Offered by auth. Members may be called on any thread; ask() and watch() before the server runs.
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/session_gate.hpp>
#include <stoa/auth/sign_ins.hpp>
#include <stoa/auth/ways_in.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/identity/user_marks.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/users/users.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::auth {

class RefreshMarks;
struct RefreshToken;

// How somebody has shown whose account it is. A sign-in's row has it.
enum class How {
  password,
  phone,      // a code that came there
  operator_,  // who has the command line
  outside,    // who has a token of an issuer that the configuration names
};
BOOST_DESCRIBE_ENUM(How, password, phone, operator_, outside)

struct SignedIn {
  users::User user;
  std::string access_token;
  std::string refresh_token;
  std::int64_t expires_in = 0;  // of the access token, in seconds
  std::string device_token;  // to be kept after signing out too, for the next sign-in of this user
};
BOOST_DESCRIBE_STRUCT(SignedIn, (), (user, access_token, refresh_token, expires_in, device_token))

// What is to be shown with the second factor, and for how many seconds it is good.
struct Challenge {
  std::string text;
  std::int64_t expires_in = 0;
};

// What SignedIn has, or a challenge alone.
struct SignInAnswer {
  Omittable<users::User> user;
  Omittable<std::string> access_token;
  Omittable<std::string> refresh_token;
  Omittable<std::int64_t> expires_in;
  Omittable<std::string> device_token;
  Omittable<std::string> challenge;
  Omittable<std::int64_t> challenge_expires_in;
};
BOOST_DESCRIBE_STRUCT(SignInAnswer, (),
                      (user, access_token, refresh_token, expires_in, device_token, challenge,
                       challenge_expires_in))

// A sign-in that somebody else keeps: it lasts as long as tokens of it come, and each of them leads to the same row.
struct OutsideSignIn {
  AuthSessionId id;
  Timestamp began_at;  // there
  Timestamp until;     // when the token that was shown lapses
};

// Of whoever has second factors. Auth knows neither what they are nor how they are shown.
class SecondFactor {
 public:
  // Empty where the account has none.
  virtual std::optional<Challenge> challenge(pg::Tx& tx, const Client& client, UserId user,
                                             How how) = 0;
  virtual bool is_on(pg::Tx& tx, UserId user) = 0;
  // The account has none any more, nor one that was begun.
  virtual void drop(pg::Tx& tx, const Client& client, UserId user) = 0;

 protected:
  ~SecondFactor() = default;
};

class Entrance {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    realtime::Hub& hub;
    SessionGate& gate;
    const identity::AccessTokens& tokens;
    const identity::UserMarks& devices;
    const RefreshMarks& marks;
  };
  Entrance(Parts parts, const AuthConfig& options);

  // In the transaction of the door's own work. Throws Error{suspended | invalid_token}.
  SignInAnswer open(pg::Tx& tx, const Client& client, UserId user, How how);
  // Locks the account's row, which comes before all others of a transaction, so that the account may still sign in when the
  // sign-in is there. Throws likewise.
  void lock(pg::Tx& tx, UserId user);
  // The same for a sign-in that has not ended; who ends it waits until the commit. For what waits long between the request and its
  // transaction. Throws likewise.
  void lock(pg::Tx& tx, const Caller& caller);
  // As open(), where the transaction has done what lock() does. `shown_at`: when somebody has shown elsewhere who he is, where that is
  // longer ago; the sign-in is no fresher.
  SignInAnswer open_locked(pg::Tx& tx, const Client& client, UserId user, How how,
                           std::optional<Timestamp> shown_at = {});
  // Begins it, if it may, or lets it last until then, after lock() in the same transaction. One that was ended here stays so, and one
  // that does not begin is not there, which is the same to whoever asks for it.
  // Throws Error{kSecondFactorNeeded} where one would begin without that.
  void keep_outside(pg::Tx& tx, const Client& client, UserId user, const OutsideSignIn& sign_in,
                    bool may_begin);
  // After the second factor, and after lock() in the same transaction.
  SignInAnswer complete(pg::Tx& tx, const Client& client, UserId user, How how);
  // Of an account that this transaction has made.
  SignedIn begin_first(pg::Tx& tx, const Client& client, users::User user);
  // The next tokens of a sign-in that is there.
  SignedIn renewed(users::User user, AuthSessionId session, const RefreshToken& token) const;

  // Of an account whose owner is known only now, with its row locked.
  void drop_second_factor(pg::Tx& tx, const Client& client, UserId user);
  // Whoever had such an account before leaves nothing there by which he could come back: no password, no sign-in, no second factor.
  void dispossess(pg::Tx& tx, const Client& client, UserId user);

  // Ends all of the account's but one, with their sockets, and tells it to the watchers. `why`: the event of the log.
  void end_all(pg::Tx& tx, UserId user, std::string_view why, const Client& client,
               std::optional<AuthSessionId> but = {});
  // With the commit that ends these: no token of them is good any more, no socket stays open. Harmless for those that
  // have ended before, and done again for them when it is asked for.
  void end_with(pg::Tx& tx, std::vector<AuthSessionId> sessions, std::string_view why,
                const Client& client);

  // To the watchers, before the transaction ends a sign-in for the account's owner: in this order rows are locked everywhere.
  void tell_signed_out(pg::Tx& tx, UserId user);

  // Before a way in is added to the account, whose row is locked. Where links are mailed, whoever registered with another's address adds
  // none that would outlast its owner's coming. Throws Error{kConfirmAddressFirst}.
  void require_confirmed_address(pg::Tx& tx, UserId user) const;
  // Whether the account, whose row is locked, has a way in that is open here, but for this one.
  bool has_other_way_in(pg::Tx& tx, UserId user, const WayIn& but) const;

  // The sign-in has not ended, and its account may still sign in. Throws Error{invalid_token | suspended | db_unavailable}.
  Task<> require_standing(Caller caller);
  // The caller's sign-in stands, and began within auth.fresh_for with so many factors; else Error{kSignInAgain}.
  Task<> require_fresh(Caller caller, int factors = 1);
  // The same with all the factors that the account has.
  Task<> require_fresh_with_all(Caller caller);
  // The same in the transaction that does the work, with the account's row locked: whoever ends a sign-in locks that too, so what
  // was asked before that may be so no more. Throw Error{invalid_token | suspended | kSignInAgain}.
  void require_fresh(pg::Tx& tx, const Caller& caller, int factors = 1) const;
  void require_fresh_with_all(pg::Tx& tx, const Caller& caller) const;

  void ask(SecondFactor& second_factor) { second_factor_ = &second_factor; }
  // Outlives auth's last request.
  void watch(AccountWatcher& watcher) { watchers_.push_back(&watcher); }
  std::span<AccountWatcher* const> watchers() const noexcept { return watchers_; }

 private:
  // Those that are open here.
  Doors doors() const;
  SignedIn begin(pg::Tx& tx, const Client& client, users::User user, How how, int factors,
                 std::string_view event, std::optional<Timestamp> shown_at = {});

  Parts parts_;
  const std::chrono::seconds lifetime_;
  const Duration fresh_for_;
  const std::size_t max_sessions_;
  SecondFactor* second_factor_ = nullptr;
  std::vector<AccountWatcher*> watchers_;  // as they are before the server runs
};

}  // namespace stoa::auth
