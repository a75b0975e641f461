#pragma once
// Errors as answers: the one shape that the API's errors have. Pure.
#include <stoa/core/error.hpp>
#include <stoa/http/message.hpp>

#include <cstdint>
#include <string_view>

namespace stoa::http {

// {"error": {code, message, details, requestId}}, with Retry-After and WWW-Authenticate where they belong.
Response problem(const Error& error, std::string_view request_id);
// A body of more than `most` bytes.
Error too_large(std::uint64_t most);

}  // namespace stoa::http
