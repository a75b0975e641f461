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
    // What stands behind the file has not come yet, and may well be there.
    if (request.form->has_file()) issues.of_missing = "; it has to come before the file";
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
  if (!issues.empty()) issues.raise();
}

}  // namespace stoa::http
