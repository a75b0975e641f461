// Path, query, body and form of a request as the one JSON object that an endpoint's input is read from.
#include "http/form_reader.hpp"
#include "http/target.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/core/json.hpp>
#include <stoa/http/route.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace stoa::http {
namespace {

bool reads_query(Method method) noexcept {
  return method == Method::get || method == Method::head || method == Method::del;
}

Json read_body(const Request& request) {
  if (request.body.empty()) return Json::object();
  Json json = parse_json(request.body);
  if (!json.is_object()) {
    Issues issues;
    issues.invalid_type("object", json);
    issues.raise();
  }
  return json;
}

// What stands behind the file has not come yet, and may well be there.
[[noreturn]] void raise_before_file(const Issues& issues) {
  constexpr std::string_view kMissing = "Required", kHint = "; it has to come before the file";
  try {
    issues.raise();
  } catch (const Error& plain) {
    std::string message = plain.message();
    if (message.ends_with(kMissing)) message.append(kHint);
    Json list = issues.list();
    for (Json& issue : list) {
      if (issue["message"] == kMissing) issue["message"] = std::string(kMissing).append(kHint);
    }
    throw Error(plain.code(), std::move(message), {{"validationErrors", std::move(list)}});
  }
}

}  // namespace

Body body_of(const Route& route) noexcept {
  const Body taken = route.endpoint->body();
  return taken == Body::json && reads_query(route.method) ? Body::none : taken;
}

void read_input(const Request& request, Body body, ReadInput read, void* out) {
  Issues issues;
  issues.from_text = body != Body::json || reads_query(request.method);
  Json input = Json::object();
  if (body == Body::form) {
    for (const auto& [name, value] : request.form->fields()) input[name] = value;
  } else if (issues.from_text) {
    for (auto& [name, value] : parse_query(request.query)) input[name] = std::move(value);
  } else {
    input = read_body(request);
  }
  // The path is what the row was found and authorised by: it wins over a member of the same name.
  for (const auto& [name, value] : request.params) input[std::string(name)] = value;
  read(input, out, issues);
  if (body == Body::form) request.form->require_file(issues);
  if (issues.empty()) return;
  if (body == Body::form && request.form->has_file()) raise_before_file(issues);
  issues.raise();
}

}  // namespace stoa::http
