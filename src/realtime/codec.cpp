#include "realtime/codec.hpp"

#include <stoa/core/json.hpp>

namespace stoa::realtime {

std::string error_payload(const Error& error) {
  std::string payload = "{\"code\":";
  append_json_string(payload, error.code().wire);
  payload += ",\"message\":";
  append_json_string(payload, error.message());
  payload += ",\"details\":";
  if (const auto wait = error.retry_after(); wait && error.details().is_object()) {
    Json details = error.details();
    details["retryAfter"] = wait->count();
    append_json(payload, details);
  } else {
    append_json(payload, error.details());
  }
  payload += '}';
  return payload;
}

}  // namespace stoa::realtime
