#include "realtime/codec.hpp"

#include <stoa/core/json.hpp>

#include <utility>

namespace stoa::realtime {

Error invalid_format(const Issues& issues) {
  return Error(Code::invalid_message, std::string(kInvalidFormat),
               {{"validationErrors", issues.list()}});
}

Error invalid_format(std::string why) {
  Issues issues;
  issues.add("custom", std::move(why));
  return invalid_format(issues);
}

Error no_such_event(std::string_view type) {
  Issues issues;
  issues.enter("type");
  issues.add("invalid_union_discriminator", "There is no such event");
  const Error error = invalid_format(issues);
  Json details = error.details();
  details["type"] = type;
  return Error(error.code(), error.message(), details);
}

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
