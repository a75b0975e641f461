#pragma once
// Accounts and sign-ins: register, sign in and out, renew, devices, change of password. Owned by the
// composition root; members may be called on any shard. Passwords are hashed on the given worker pool, where addresses take
// turns, and accounts within an address; its full queue answers Error{overloaded}. Whatever ends a sign-in ends its sockets of this process too.
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/session_gate.hpp>
#include <stoa/auth/sign_ins.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/http/route.hpp>
#include <stoa/identity/passwords.hpp>
#include <stoa/identity/user_marks.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/users/users.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stoa::auth {

class RefreshMarks;
class Entrance;
class LoginThrottle;
struct Registration;
struct Login;
struct Refresh;
struct SignedIn;
struct SignInAnswer;
struct PasswordChange;
struct SessionPath;
struct SessionView;
struct SocketTicket;
struct AccountChanged;

class Auth final : public SignIns {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    WorkerPool& workers;
    realtime::Hub& hub;
    SessionGate& gate;
    Entrance& entrance;
    const identity::UserMarks& devices;
    const identity::UserMarks& tickets;  // the marks in those of sockets
    const identity::Passwords& passwords;
    const RefreshMarks& marks;
    net::RateLimiter& limiter;
  };

  Auth(Parts parts, const AuthConfig& options);
  ~Auth() override;

  Task<SignedIn> create_account(Client client, Registration registration);
  Task<SignInAnswer> login(Client client, Login login);
  Task<SignedIn> refresh(Client client, Refresh refresh);
  // Good once, for a socket of the caller's sign-in.
  Task<SocketTicket> create_ticket(Caller caller);
  Task<> logout(Caller caller);
  Task<> logout_all(Caller caller);
  Task<Page<SessionView>> list_sessions(Caller caller, PageQuery page);
  Task<> end_session(Caller caller, SessionPath path);
  Task<> change_password(Caller caller, PasswordChange change);
  // An operator has done something to it: what is known of its sign-ins is forgotten, and the sockets of one that is
  // suspended are closed. A job, so that it may be done more than once.
  Task<> account_changed(AccountChanged changed);

  Task<std::string> hash_new(Client client, std::string member, NewPassword password,
                             std::string email) override;
  void renew_password(pg::Tx& tx, UserId user, std::string_view email, const std::string& hash,
                      const Client& client) override;
  Task<ShownPassword> require_password(Caller caller, std::optional<std::string> password) override;
  void require_still(pg::Tx& tx, UserId user, const ShownPassword& shown) const override;
  std::string device_token(UserId user) const override;
  void speak(std::string locale) override { locale_ = std::move(locale); }

  // Ends all sign-ins of an account that is deleted.
  void leave(pg::Tx& tx, const Caller& who);

 private:
  // Both throw Error{rate_limited}: one more is counted, or it is looked whether one more may come.
  void count(Limit limit, const net::RateKey& key);
  void look(Limit limit, const net::RateKey& key);
  // The same of failures, where that alone refuses nothing. False: there were too many.
  bool note_failure(const net::RateKey& key);
  bool may_fail(const net::RateKey& key);
  // After a refresh token of it was shown once more.
  Task<> end_reused(Client client, UserId owner, AuthSessionId session);

  Parts parts_;
  std::chrono::seconds lifetime_;
  Duration ticket_ttl_;
  std::size_t max_tickets_;
  std::unique_ptr<LoginThrottle> throttle_;
  std::string locale_ = "en";  // as it is before the server runs
};

http::Routes auth_routes(Auth& auth);

// A sign-in without a password, for the command line: listed and revocable like any other, but not renewable.
AuthSessionId open_sign_in(pg::Tx& tx, UserId user, std::string_view device,
                           std::chrono::seconds lifetime);

}  // namespace stoa::auth
