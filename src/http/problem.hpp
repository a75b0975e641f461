#pragma once
// Errors as answers: the one shape that the API's errors have. Pure.
#include <stoa/core/error.hpp>
#include <stoa/http/message.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::http {

// {"error": {code, message, details, requestId}}, with Retry-After and WWW-Authenticate where they belong.
Response problem(const Error& error, std::string_view request_id);
// A body of more than `most` bytes.
Error too_large(std::uint64_t most);
// A form (multipart/form-data) that is not one; `reason`: a word that clients may match on.
Error invalid_form(std::string_view reason, std::string message);
// One with more of something than `most`: "parts", or bytes of "headers", a "field" or all "fields".
Error too_large_form(std::string_view of, std::uint64_t most);

}  // namespace stoa::http
