#pragma once
// Why a call to another service has no answer. It is an Error, so that a request that depended on the call is answered by itself:
// ADDRESS_REFUSED (422), UPSTREAM_FAILED (502) or UPSTREAM_TIMEOUT (504). A job that lets it pass is tried again; one that should
// not be asks may_pass().
#include <stoa/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::fetch {

enum class Reason {
  refused,      // the URL, its host or all its addresses are not allowed; nothing was sent
  unresolved,   // the name has no address, or no name server said so in time
  unreachable,  // no connection, or not in fetch.connect_timeout
  untrusted,    // no TLS that could be verified
  broken,       // the connection ended, or what came was not HTTP
  stalled,      // too little came for too long
  timed_out,    // not done within the time limit
  too_large,    // the request's body, or the answer
  redirected,   // too often, from https to http, or to another origin with a body
};
inline constexpr std::size_t kReasons = 9;

std::string_view name_of(Reason reason) noexcept;

class Failed : public Error {
 public:
  // `began`: whether any of the request may have reached the other side. `refusal`: of what was refused, which key of the
  // configuration does that; for whoever runs the server, and in no answer.
  Failed(Reason reason, bool began, std::string_view refusal = {});

  Reason reason() const noexcept { return reason_; }
  // name_of(reason), and the refusal behind it in brackets: for the log.
  std::string text() const;
  // The same request may get on another time.
  bool may_pass() const noexcept;
  // What was asked for may have been done, although nobody has said so.
  bool may_be_done() const noexcept { return began_; }

 private:
  Reason reason_;
  bool began_;
  std::string_view refusal_;  // a literal
};

}  // namespace stoa::fetch
