#pragma once
// Every failure that a request can expect, with its wire code and HTTP status in one table (error.cpp).
// Services throw Error; the dispatch boundary of HTTP and of the sockets turns it into the answer.
// A transaction that is left by an Error rolls back. Anything else that is thrown is a failure of the
// infrastructure: logged there with the request id, answered as internal without its text.
#include <stoa/core/json_fwd.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace stoa {

enum class Code {
  invalid_request,         // 400: framing, not JSON
  invalid_message,         // 400: a socket frame that is no event
  invalid_fields,          // 422: details.validationErrors lists every bad field
  unauthorized,            // 401: no token
  invalid_token,           // 401: forged, expired, revoked
  invalid_credentials,     // 401: wrong address or password, not saying which
  forbidden,               // 403
  suspended,               // 403: the account is
  origin_refused,          // 403
  not_found,               // 404: not there, or not for the caller to know
  method_not_allowed,      // 405
  request_timeout,         // 408
  conflict,                // 409
  email_taken,             // 409
  username_taken,          // 409
  room_full,               // 409
  already_member,          // 409
  not_a_member,            // 403
  banned,                  // 403
  muted,                   // 403
  invite_invalid,          // 403: unknown, used up or expired
  not_in_call,             // 403
  peer_not_found,          // 404
  group_not_found,         // 404
  group_full,              // 409
  not_in_group,            // 403
  invalid_group_id,        // 400
  invalid_group_name,      // 400
  invalid_username,        // 400
  not_on_board,            // 403
  board_full,              // 409
  key_reused,              // 409: an Idempotency-Key with another body
  too_large,               // 413
  unsupported_media_type,  // 415
  rate_limited,            // 429
  headers_too_large,       // 431
  internal,                // 500
  overloaded,              // 503: a bounded queue is full
  db_unavailable,          // 503
  shutting_down,           // 503
};

struct CodeInfo {
  Code code;
  std::string_view wire;  // stable: clients match on it
  int http_status;
  std::string_view message;  // used where the thrower has nothing better to say
};

const CodeInfo& info(Code code) noexcept;
std::span<const CodeInfo> all_codes() noexcept;

class Error : public std::exception {
 public:
  explicit Error(Code code) : Error(code, std::string(info(code).message)) {}
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  Error(Code code, std::string message, const Json& details);

  Error& retry_after(std::chrono::seconds wait) {
    retry_after_ = wait;
    return *this;
  }

  Code code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const Json& details() const noexcept;  // an object, empty where there is nothing to add
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Code code_;
  std::string message_;
  std::shared_ptr<const Json> details_;
  std::optional<std::chrono::seconds> retry_after_;
};

}  // namespace stoa
