#pragma once
// Remembers the answers of POSTs that came with an Idempotency-Key, so that a client that never saw
// its answer may ask again. Implemented by the application on the database; called on any shard,
// answers on that shard. Keys are 1 to 255 printable ASCII characters and belong to one user.
#include <stoa/core/ids.hpp>
#include <stoa/core/task.hpp>

#include <string>

namespace stoa::http {

class IdempotencyStore {
 public:
  enum class Outcome {
    proceed,       // the key is new and now the caller's: finish() or abandon() follows
    replay,        // answered before: status and body of that answer
    in_flight,     // another request with it is under way
    other_request  // used before with another body or path
  };
  struct Begun {
    Outcome outcome = Outcome::proceed;
    int status = 0;
    std::string body;
  };

  virtual ~IdempotencyStore() = default;
  // `fingerprint`: SHA-256 of method, path and body, base64url. A key that was begun and neither
  // finished nor abandoned (the process died) is free again after a while that the implementation
  // chooses.
  virtual Task<Begun> begin(UserId user, std::string key, std::string fingerprint) = 0;
  virtual Task<> finish(UserId user, std::string key, int status, std::string body) = 0;
  virtual Task<> abandon(UserId user, std::string key) = 0;
};

}  // namespace stoa::http
