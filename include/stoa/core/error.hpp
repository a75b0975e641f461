#pragma once
// Every failure that a request can expect has a wire code and an HTTP status.
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

// A kind of failure. Each part of the server declares its own as constants and lists them in its row
// (<stoa/module/feature.hpp>); the documents name all of them, and a wire code that stands twice stops the start.
//
//   inline constexpr Code kRoomFull{"ROOM_FULL", 409, "The room is full"};
//   throw Error(kRoomFull);
struct Code {
  std::string_view wire;  // stable: clients match on it
  int http_status;
  std::string_view message;  // said where the thrower has nothing better to say

  friend constexpr bool operator==(const Code& a, const Code& b) noexcept {
    return a.wire == b.wire;
  }

  // What any part of the server may have to say.
  static const Code invalid_request;  // framing, not JSON
  static const Code invalid_message;  // a socket frame that is no event
  static const Code invalid_fields;   // details.validationErrors lists every bad field
  static const Code unauthorized;     // no token
  static const Code invalid_token;    // forged, expired, revoked
  static const Code forbidden;
  static const Code suspended;  // the account is
  static const Code origin_refused;
  static const Code not_found;       // not there, or not for the caller to know
  static const Code peer_not_found;  // who is addressed is not there
  static const Code method_not_allowed;
  static const Code request_timeout;
  static const Code conflict;
  static const Code key_reused;           // an Idempotency-Key with another body
  static const Code precondition_failed;  // If-Match, If-Unmodified-Since
  static const Code too_large;
  static const Code range_not_satisfiable;
  static const Code unsupported_media_type;
  static const Code unexpected_body;  // a body where none is taken
  static const Code invalid_form;     // details.reason says what is wrong with it
  static const Code rate_limited;
  static const Code headers_too_large;
  static const Code internal;
  static const Code overloaded;        // a bounded queue is full
  static const Code address_refused;   // nothing there may be called
  static const Code upstream_failed;   // another service, which was called for this
  static const Code upstream_timeout;  // likewise
  static const Code storage_full;
  static const Code db_unavailable;
  static const Code shutting_down;
};

inline constexpr Code Code::invalid_request{"INVALID_REQUEST", 400,
                                            "The request could not be read"};
inline constexpr Code Code::invalid_message{"INVALID_MESSAGE", 400,
                                            "The message could not be read"};
inline constexpr Code Code::invalid_fields{"VALIDATION_ERROR", 422, "Some fields are not valid"};
inline constexpr Code Code::unauthorized{"UNAUTHORIZED", 401, "Sign in first"};
inline constexpr Code Code::invalid_token{"INVALID_TOKEN", 401,
                                          "The token is not valid or has expired"};
inline constexpr Code Code::forbidden{"FORBIDDEN", 403, "You may not do that"};
inline constexpr Code Code::suspended{"ACCOUNT_SUSPENDED", 403, "This account is suspended"};
inline constexpr Code Code::origin_refused{"ORIGIN_REFUSED", 403, "This origin is not allowed"};
inline constexpr Code Code::not_found{"NOT_FOUND", 404, "There is nothing here"};
inline constexpr Code Code::peer_not_found{"PEER_NOT_FOUND", 404, "This peer is not there"};
inline constexpr Code Code::method_not_allowed{"METHOD_NOT_ALLOWED", 405,
                                               "This method is not allowed here"};
inline constexpr Code Code::request_timeout{"REQUEST_TIMEOUT", 408,
                                            "The request took too long to arrive"};
inline constexpr Code Code::conflict{"CONFLICT", 409, "That conflicts with the present state"};
inline constexpr Code Code::key_reused{"IDEMPOTENCY_KEY_REUSED", 409,
                                       "This Idempotency-Key was used with another body"};
inline constexpr Code Code::precondition_failed{"PRECONDITION_FAILED", 412,
                                                "That has changed meanwhile"};
inline constexpr Code Code::range_not_satisfiable{"RANGE_NOT_SATISFIABLE", 416,
                                                  "There is nothing in that range"};
inline constexpr Code Code::too_large{"TOO_LARGE", 413, "That is too large"};
inline constexpr Code Code::unsupported_media_type{"UNSUPPORTED_MEDIA_TYPE", 415,
                                                   "Send application/json"};
inline constexpr Code Code::unexpected_body{"UNEXPECTED_BODY", 400, "No body is taken here"};
inline constexpr Code Code::invalid_form{"INVALID_FORM", 400, "The form could not be read"};
inline constexpr Code Code::rate_limited{"RATE_LIMITED", 429, "Too many requests; try again later"};
inline constexpr Code Code::headers_too_large{"HEADERS_TOO_LARGE", 431,
                                              "The headers are too large"};
inline constexpr Code Code::internal{"INTERNAL", 500, "Something went wrong on our side"};
inline constexpr Code Code::overloaded{"OVERLOADED", 503, "The server is busy; try again shortly"};
inline constexpr Code Code::address_refused{"ADDRESS_REFUSED", 422,
                                            "That address may not be called"};
inline constexpr Code Code::upstream_failed{"UPSTREAM_FAILED", 502,
                                            "Another service that this needs did not answer"};
inline constexpr Code Code::upstream_timeout{
    "UPSTREAM_TIMEOUT", 504, "Another service that this needs did not answer in time"};
inline constexpr Code Code::storage_full{"STORAGE_FULL", 507, "There is no room for more files"};
inline constexpr Code Code::db_unavailable{"DB_UNAVAILABLE", 503,
                                           "The database is not reachable; try again shortly"};
inline constexpr Code Code::shutting_down{"SHUTTING_DOWN", 503, "The server is shutting down"};

// All of the above.
std::span<const Code> common_codes() noexcept;

class Error : public std::exception {
 public:
  explicit Error(Code code) : Error(code, std::string(code.message)) {}
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  Error(Code code, std::string message, const Json& details);

  Error& retry_after(std::chrono::seconds wait) {
    retry_after_ = wait;
    return *this;
  }

  const Code& code() const noexcept { return code_; }
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
