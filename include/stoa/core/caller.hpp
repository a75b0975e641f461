#pragma once
// Who is asking. Made once at the edge (HTTP or socket) and handed to services by value; services know
// neither HTTP nor sockets, so this is all that they learn of the outside. Immutable, and so without the account's
// role, which may change while a socket lives: who needs it asks for the present one (<stoa/core/who_may.hpp>).
#include <stoa/core/ids.hpp>
#include <stoa/core/time.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <boost/describe/enum.hpp>

namespace stoa {

enum class Role { learner, mentor, admin };
BOOST_DESCRIBE_ENUM(Role, learner, mentor, admin)

// The other end of the connection.
struct Client {
  std::string address;     // numeric; of the trusted proxy's client where there is one
  std::string user_agent;  // at most 256 bytes, printable
  std::string request_id;
};

struct Caller {
  UserId user;
  AuthSessionId session;  // the sign-in that the token belongs to
  // Shared, since each event of a socket has a Caller of its own. Never null.
  std::shared_ptr<const Client> client;
  // When the token lapses, where the authenticator says so; a socket is closed with 4401 then.
  std::optional<Timestamp> token_expires = std::nullopt;
};

// The Idempotency-Key that a request came with.
struct RequestKey {
  std::string text;  // 1 to 255 printable ASCII characters, its user's own
  // Of method, path and body, or a form's fields and file name: what makes two requests the same. Who reads a form's file adds
  // the hash of that (<stoa/module/once.hpp>).
  std::string fingerprint;
  std::atomic<bool> replayed = false;  // set where the answer is that of an earlier request
};

// Who asks for something to be made, and the key by which a repeated request is known; null without one.
struct Creator : Caller {
  std::shared_ptr<RequestKey> key;
};

// For what strangers may call too, and is answered by who asks.
struct Visitor {
  Client client;
  std::optional<Caller> caller;
};

// Who may call a route or send an event; the finer rules (owner, room roles) are the service's, made of
// <stoa/core/who_may.hpp>.
enum class Who {
  anyone,
  signed_in,
  admin,  // an administrator at the moment of the request or event
};
BOOST_DESCRIBE_ENUM(Who, anyone, signed_in, admin)

// Which of the configured rate limits counts a request.
enum class Limit {
  none,          // health and metrics
  sensitive,     // what may be guessed, such as passwords: only what was refused counts
  registration,  // new accounts: only those that were made count
  codes,         // what sends a mail or a text message to somebody
  renewal,       // of tokens
  identity,      // what somebody begins with tokens of an issuer of ID tokens
  handshake,     // what opens sockets and sessions that poll
  avatars,       // what pages show of people and rooms, without a token
  read,
  write,
};
BOOST_DESCRIBE_ENUM(Limit, none, sensitive, registration, codes, renewal, identity, handshake,
                    avatars, read, write)

}  // namespace stoa
