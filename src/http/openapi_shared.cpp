#include "http/openapi_shared.hpp"

#include <stoa/core/json.hpp>

#include <string>
#include <utility>

namespace stoa::http {
namespace {

Json text() {
  return {{"type", "string"}};
}

Json object(const Json& properties, const Json& required) {
  return {{"type", "object"}, {"properties", properties}, {"required", required}};
}

// Besides what each has, there is what belongs to its code: `expected`, `received`, `options`, `maximum`, ...
Json issue_schema() {
  const Json step = {{"type", {"string", "integer"}}};
  Json issue = object(
      {{"code", text()}, {"path", {{"type", "array"}, {"items", step}}}, {"message", text()}},
      {"code", "path", "message"});
  issue["additionalProperties"] = true;
  return issue;
}

}  // namespace

Json reference(std::string_view kind, std::string_view what) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(what)}};
}

Json error_schema(std::span<const Code> known) {
  Json codes = Json::array();
  Json statuses = Json::object();
  for (const Code& code : known) {
    codes.push_back(code.wire);
    statuses[std::string(code.wire)] = code.http_status;
  }
  const Json code = {{"type", "string"},
                     {"description", "Clients match on it; x-statuses has the status of each"},
                     {"enum", codes},
                     {"x-statuses", statuses}};
  Json details =
      object({{"validationErrors", {{"type", "array"}, {"items", issue_schema()}}}}, Json::array());
  details["description"] = "What belongs to the code";
  details["additionalProperties"] = true;
  const Json error =
      object({{"code", code}, {"message", text()}, {"details", details}, {"requestId", text()}},
             {"code", "message", "details", "requestId"});
  return object({{"error", error}}, {"error"});
}

Json shared_responses() {
  const auto answer = [](const char* description) {
    return Json{{"description", description},
                {"content", {{"application/json", {{"schema", reference("schemas", "Error")}}}}}};
  };
  Json limited = answer("Too many requests");
  limited["headers"]["Retry-After"] = reference("headers", "Retry-After");
  Json unauthorized = answer("No token, or one that is not valid");
  unauthorized["headers"]["WWW-Authenticate"] = reference("headers", "WWW-Authenticate");
  return {{"Error", answer("Something went wrong; `error.code` says what")},
          {"BadRequest", answer("The request could not be read")},
          {"ValidationError", answer("Some fields are not valid; all are listed in the details")},
          {"Unauthorized", std::move(unauthorized)},
          {"Forbidden", answer("Not allowed")},
          {"NotFound", answer("Not there, or not for who asks to know")},
          {"PreconditionFailed", answer("It has changed meanwhile")},
          {"TooLarge", answer("The body is too large; `details.limit` says how large it may be")},
          {"UnsupportedMediaType", answer("The body is of another type")},
          {"RangeNotSatisfiable", answer("There is nothing in that range")},
          {"RateLimited", std::move(limited)}};
}

Json shared_headers() {
  const auto header = [](const char* description, const char* type) {
    return Json{{"description", description}, {"schema", {{"type", type}}}};
  };
  return {{"RateLimit-Limit", header("Requests in a window", "integer")},
          {"RateLimit-Remaining", header("Requests left in this window", "integer")},
          {"RateLimit-Reset", header("Seconds until the window ends", "integer")},
          {"Retry-After", header("Seconds to wait", "integer")},
          {"Idempotent-Replayed", header("There where an earlier answer is repeated", "boolean")},
          {"ETag", header("What If-None-Match may name", "string")},
          {"Location", header("Where to go on, without the token", "string")},
          {"Content-Range", header("Which part this is", "string")},
          {"WWW-Authenticate", header("The way to sign in", "string")}};
}

Json shared_parameters() {
  const Json key = {{"name", "Idempotency-Key"},
                    {"in", "header"},
                    {"description", "Repeating a request with its key repeats its answer"},
                    {"schema", {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}}}};
  return {{"Idempotency-Key", key}};
}

}  // namespace stoa::http
