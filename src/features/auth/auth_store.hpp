#pragma once
// SQL of sign-ins.
#include "features/auth/auth_types.hpp"
#include "features/auth/refresh_token.hpp"
#include "features/auth/session_cache.hpp"

#include <stoa/auth/entrance.hpp>
#include <stoa/postgres/tx.hpp>
#include <stoa/users/users.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace stoa::auth {

struct Credentials {
  UserId id;
  std::optional<std::string> password_hash;
  bool suspended = false;
  Timestamp devices_since;  // marks of devices from before are none
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (id, password_hash, suspended, devices_since))

struct NewSession {
  AuthSessionId id;
  std::optional<RefreshToken> token;  // without one it cannot be renewed
  std::string device;
  std::string ip;
  std::chrono::seconds lifetime{};
  How how = How::password;
  int factors = 1;
  std::optional<Timestamp> shown_at;  // when that was, where it was not now
};

struct StoredSession {
  AuthSessionId id;
  UserId user;
  std::string refresh_hash;
  std::optional<std::string> previous_hash;
  std::optional<std::string> successor;
  bool in_retry_window = false;
  std::string device;
  bool over = false;  // revoked, expired or the account is deleted
  bool suspended = false;
};
BOOST_DESCRIBE_STRUCT(StoredSession, (),
                      (id, user, refresh_hash, previous_hash, successor, in_retry_window, device,
                       over, suspended))

namespace store {

pg::Query<pg::Count> set_role(UserId user, Role role);
pg::Query<pg::Count> set_suspended(UserId user, bool suspended);
pg::Query<bool> is_suspended(UserId user);

pg::Query<bool> has_email(const std::string& email);
pg::Query<std::optional<Credentials>> find_credentials(const std::string& email);
pg::Query<std::optional<Credentials>> find_credentials(UserId user);
// Locks the account's row. Empty when its password is another by now, or it may not sign in any more.
pg::Query<std::optional<UserId>> lock_user_with_password(UserId user,
                                                         const std::string& password_hash);
pg::Query<pg::Count> remove_password(UserId user);
pg::Query<pg::Count> set_password(UserId user, const std::string& password_hash);
// By the clock that marks of devices are made by.
pg::Query<pg::Count> forget_devices(UserId user, Timestamp before);

pg::Query<pg::Count> create_session(UserId user, const NewSession& session);
// No row: it is not there, or was ended here.
pg::Query<pg::Count> prolong_outside(UserId user, const OutsideSignIn& sign_in,
                                     const Client& client);
// No row: it is there.
pg::Query<pg::Count> begin_outside(UserId user, const OutsideSignIn& sign_in, const Client& client);
// Locks the row. Empty when the family is unknown.
pg::Query<std::optional<StoredSession>> find_session_of(const RefreshToken& token);
pg::Query<pg::Count> rotate(AuthSessionId id, const RefreshToken& used, const RefreshToken& next,
                            const Client& client, std::chrono::seconds lifetime);

struct FoundSession {
  int place = 0;  // of its id, counted from 1
  UserId user;
  Role role = Role::learner;
  bool suspended = false;
  bool ended = false;  // see SessionState
};
BOOST_DESCRIBE_STRUCT(FoundSession, (), (place, user, role, suspended, ended))
pg::Query<std::vector<FoundSession>> find_sessions(const std::vector<AuthSessionId>& ids);
pg::Query<std::vector<SessionView>> list_sessions(UserId user,
                                                  const std::optional<AuthSessionId>& before,
                                                  int limit);

pg::Query<std::vector<AuthSessionId>> list_open_sessions(UserId user);
pg::Query<std::int64_t> count_open_sessions(UserId user);

struct OpenSession {
  bool suspended = false;
  bool fresh =
      false;  // begun within that time, with so many factors; renewing its tokens makes it no younger
};
BOOST_DESCRIBE_STRUCT(OpenSession, (), (suspended, fresh))
// Empty where it has ended.
pg::Query<std::optional<OpenSession>> find_open(UserId user, AuthSessionId session, Duration within,
                                                int factors);

// Each answers the sign-ins that it ended.
pg::Query<std::vector<AuthSessionId>> end_session(UserId user, AuthSessionId session);
// And the last fifty that had ended within ten minutes, so that a repeated request has its effects again.
pg::Query<std::vector<AuthSessionId>> end_sessions(UserId user,
                                                   const std::optional<AuthSessionId>& except);
// Within ten minutes.
pg::Query<bool> has_just_ended(UserId user, AuthSessionId session);
// All but the `most` that were used last.
pg::Query<std::vector<AuthSessionId>> end_oldest_sessions(UserId user, std::size_t most);

// A month after its end nobody asks any more what a sign-in was. Answers how many rows went, `most` at once.
// Of an account that is deleted.
pg::Query<pg::Count> delete_sessions(UserId user);
pg::Query<pg::Count> delete_tickets(UserId user);

// What is kept of a sign-in, but for its tokens.
struct SignInRow {
  AuthSessionId id;
  std::string device;
  std::string ip;
  std::string how;
  int factors = 1;
  Timestamp created_at;
  Timestamp last_used_at;
  Timestamp expires_at;
  std::optional<Timestamp> revoked_at;
};
BOOST_DESCRIBE_STRUCT(SignInRow, (),
                      (id, device, ip, how, factors, created_at, last_used_at, expires_at,
                       revoked_at))
pg::Query<std::vector<SignInRow>> export_sessions(
    UserId user, const std::optional<std::tuple<AuthSessionId>>& before, int limit);

std::int64_t delete_ended_sessions(pg::Tx& tx, int most);

}  // namespace store
}  // namespace stoa::auth
