#pragma once
// SQL of sign-ins.
#include "features/auth/auth_types.hpp"
#include "features/auth/refresh_token.hpp"
#include "features/auth/session_cache.hpp"

#include <stoa/postgres/tx.hpp>
#include <stoa/users/users.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace stoa::auth {

struct Credentials {
  UserId id;
  std::optional<std::string> password_hash;
  bool suspended = false;
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (id, password_hash, suspended))

struct NewSession {
  AuthSessionId id;
  std::optional<RefreshToken> token;  // without one it cannot be renewed
  std::string device;
  std::string ip;
  std::chrono::seconds lifetime{};
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

bool has_email(pg::Tx& tx, const std::string& email);
std::optional<Credentials> find_credentials(pg::Tx& tx, const std::string& email);
std::optional<Credentials> find_credentials(pg::Tx& tx, UserId user);
// Locks the account's row. False when its password is another by now, or it may not sign in any more.
bool still_has_password(pg::Tx& tx, UserId user, const std::string& password_hash);
void set_password(pg::Tx& tx, UserId user, const std::string& password_hash);

void create_session(pg::Tx& tx, UserId user, const NewSession& session);
// Locks the row. Empty when the family is unknown.
std::optional<StoredSession> find_session_of(pg::Tx& tx, const RefreshToken& token);
void rotate(pg::Tx& tx, AuthSessionId id, const RefreshToken& used, const RefreshToken& next,
            const Client& client, std::chrono::seconds lifetime);

// What is not there counts as ended.
SessionState get_session_state(pg::Tx& tx, AuthSessionId id);
std::vector<SessionView> list_sessions(pg::Tx& tx, UserId user,
                                       const std::optional<AuthSessionId>& before, int limit);

// Each answers the sign-ins that it ended.
std::vector<AuthSessionId> end_session(pg::Tx& tx, UserId user, AuthSessionId session);
std::vector<AuthSessionId> end_sessions(pg::Tx& tx, UserId user,
                                        const std::optional<AuthSessionId>& except);
// All but the `most` that were used last.
std::vector<AuthSessionId> end_oldest_sessions(pg::Tx& tx, UserId user, std::size_t most);

// A month after its end nobody asks any more what a sign-in was. Answers how many rows went, `most` at once.
std::int64_t delete_ended_sessions(pg::Tx& tx, int most);

}  // namespace stoa::auth
