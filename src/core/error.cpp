#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>

#include <array>

namespace stoa {
namespace {

constexpr std::array kTable = {
    CodeInfo{Code::invalid_request, "INVALID_REQUEST", 400, "The request could not be read"},
    CodeInfo{Code::invalid_message, "INVALID_MESSAGE", 400, "The message could not be read"},
    CodeInfo{Code::invalid_fields, "VALIDATION_ERROR", 422, "Some fields are not valid"},
    CodeInfo{Code::unauthorized, "UNAUTHORIZED", 401, "Sign in first"},
    CodeInfo{Code::invalid_token, "INVALID_TOKEN", 401, "The token is not valid or has expired"},
    CodeInfo{Code::invalid_credentials, "INVALID_CREDENTIALS", 401,
             "The e-mail address or the password is wrong"},
    CodeInfo{Code::forbidden, "FORBIDDEN", 403, "You may not do that"},
    CodeInfo{Code::suspended, "ACCOUNT_SUSPENDED", 403, "This account is suspended"},
    CodeInfo{Code::origin_refused, "ORIGIN_REFUSED", 403, "This origin is not allowed"},
    CodeInfo{Code::not_found, "NOT_FOUND", 404, "There is nothing here"},
    CodeInfo{Code::method_not_allowed, "METHOD_NOT_ALLOWED", 405,
             "This method is not allowed here"},
    CodeInfo{Code::request_timeout, "REQUEST_TIMEOUT", 408, "The request took too long to arrive"},
    CodeInfo{Code::conflict, "CONFLICT", 409, "That conflicts with the present state"},
    CodeInfo{Code::email_taken, "EMAIL_TAKEN", 409, "This e-mail address is already registered"},
    CodeInfo{Code::username_taken, "USERNAME_TAKEN", 409, "This username is already taken"},
    CodeInfo{Code::room_full, "ROOM_FULL", 409, "The room is full"},
    CodeInfo{Code::already_member, "ALREADY_MEMBER", 409, "Already a member of this room"},
    CodeInfo{Code::not_a_member, "NOT_A_MEMBER", 403, "Join the room first"},
    CodeInfo{Code::banned, "BANNED", 403, "You are banned from this room"},
    CodeInfo{Code::muted, "MUTED", 403, "You are muted in this room"},
    CodeInfo{Code::invite_invalid, "INVITE_INVALID", 403,
             "The invite code is wrong, used up or expired"},
    CodeInfo{Code::not_in_call, "NOT_IN_CALL", 403, "Join the call first"},
    CodeInfo{Code::peer_not_found, "PEER_NOT_FOUND", 404, "This peer is not in the call"},
    CodeInfo{Code::group_not_found, "GROUP_NOT_FOUND", 404, "There is no such group"},
    CodeInfo{Code::group_full, "GROUP_FULL", 409, "The group is full"},
    CodeInfo{Code::not_in_group, "USER_NOT_FOUND", 403, "Join a group first"},
    CodeInfo{Code::invalid_group_id, "INVALID_GROUP_ID", 400, "The group id is no UUID"},
    CodeInfo{Code::invalid_group_name, "INVALID_GROUP_NAME", 400, "The group needs a name"},
    CodeInfo{Code::invalid_username, "INVALID_USERNAME", 400, "A name is needed"},
    CodeInfo{Code::not_on_board, "NOT_ON_BOARD", 403, "Join the whiteboard first"},
    CodeInfo{Code::board_full, "BOARD_FULL", 409, "The whiteboard is full"},
    CodeInfo{Code::key_reused, "IDEMPOTENCY_KEY_REUSED", 409,
             "This Idempotency-Key was used with another body"},
    CodeInfo{Code::too_large, "TOO_LARGE", 413, "That is too large"},
    CodeInfo{Code::unsupported_media_type, "UNSUPPORTED_MEDIA_TYPE", 415, "Send application/json"},
    CodeInfo{Code::rate_limited, "RATE_LIMITED", 429, "Too many requests; try again later"},
    CodeInfo{Code::headers_too_large, "HEADERS_TOO_LARGE", 431, "The headers are too large"},
    CodeInfo{Code::internal, "INTERNAL", 500, "Something went wrong on our side"},
    CodeInfo{Code::overloaded, "OVERLOADED", 503, "The server is busy; try again shortly"},
    CodeInfo{Code::db_unavailable, "DB_UNAVAILABLE", 503,
             "The database is not reachable; try again shortly"},
    CodeInfo{Code::shutting_down, "SHUTTING_DOWN", 503, "The server is shutting down"},
};

consteval bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table's rows follow the enumeration");
static_assert(kTable.size() == static_cast<std::size_t>(Code::shutting_down) + 1);

}  // namespace

const CodeInfo& info(Code code) noexcept {
  return kTable[static_cast<std::size_t>(code)];
}

std::span<const CodeInfo> all_codes() noexcept {
  return kTable;
}

Error::Error(Code code, std::string message, const Json& details)
    : code_(code), message_(std::move(message)), details_(std::make_shared<const Json>(details)) {}

const Json& Error::details() const noexcept {
  static const Json kNone = Json::object();
  return details_ ? *details_ : kNone;
}

}  // namespace stoa
