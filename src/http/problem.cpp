#include "http/problem.hpp"

#include <stoa/core/json.hpp>

#include <string>
#include <utility>

namespace stoa::http {

Response problem(const Error& error, std::string_view request_id) {
  const Code& known = error.code();
  std::string body = "{\"error\":{\"code\":";
  append_json_string(body, known.wire);
  body += ",\"message\":";
  append_json_string(body, error.message());
  body += ",\"details\":";
  append_json(body, error.details());
  body += ",\"requestId\":";
  append_json_string(body, request_id);
  body += "}}";
  Response response = Response::json(known.http_status, std::move(body));
  if (error.retry_after()) {
    response.headers.set("retry-after", std::to_string(error.retry_after()->count()));
  } else if (known.http_status == 503) {
    response.headers.set("retry-after", "1");
  }
  if (known.http_status == 401) {
    response.headers.set("www-authenticate", error.code() == Code::invalid_token
                                                 ? "Bearer realm=\"stoa\", error=\"invalid_token\""
                                                 : "Bearer realm=\"stoa\"");
  }
  return response;
}

Error too_large(std::uint64_t most) {
  const Json details = {{"limit", most}};
  return {Code::too_large, "The body is larger than " + std::to_string(most) + " bytes", details};
}

Error invalid_form(std::string_view reason, std::string message) {
  const Json details = {{"reason", reason}};
  return {Code::invalid_form, std::move(message), details};
}

Error too_large_form(std::string_view of, std::uint64_t most) {
  const Json details = {{"of", of}, {"limit", most}};
  return {Code::too_large, "The form has too much of something: see the details", details};
}

}  // namespace stoa::http
