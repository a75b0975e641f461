#include "http/openapi_shared.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/mongo_ids.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/schema.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/http/openapi.hpp>
#include <stoa/net/rate_limiter.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace stoa::http {
namespace {

// "rooms" of "/api/rooms/{id}/join"; what is not under /api is the server's own.
std::string tag_of(std::string_view path) {
  constexpr std::string_view kApi = "/api/";
  if (!path.starts_with(kApi)) return "service";
  path.remove_prefix(kApi.size());
  std::string tag(path.substr(0, path.find('/')));
  return tag.find('.') == std::string::npos ? tag : "service";
}

// "postRoomsIdJoin" of POST /api/rooms/{id}/join.
std::string operation_id(const Route& route) {
  std::string id;
  for (const char c : name(route.method)) id += static_cast<char>(c - 'A' + 'a');
  std::string_view rest = route.path;
  if (rest.starts_with("/api/")) rest.remove_prefix(4);
  bool upper = false;
  for (const char c : rest) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) id += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = !letter;
  }
  return id;
}

std::vector<std::string> path_parameters(std::string_view path) {
  std::vector<std::string> names;
  for (auto open = path.find('{'); open != std::string_view::npos;
       open = path.find('{', open + 1)) {
    names.emplace_back(path.substr(open + 1, path.find('}', open) - open - 1));
  }
  return names;
}

bool has_conditions(const Route& route) {
  return route.endpoint->is_download() || route.made == Made::tagged_document;
}

// What any client should be ready for. What else a handler refuses has the same shape, hence "default".
Json error_answers(const Route& route) {
  Json answers = Json::object();
  const auto add = [&](const char* status, const char* what) {
    answers[status] = reference("responses", what);
  };
  add("400", "BadRequest");
  add("422", "ValidationError");
  const Body body = body_of(route);
  if (body != Body::none) add("413", "TooLarge");
  if (body == Body::json || body == Body::form) add("415", "UnsupportedMediaType");
  if (route.who != Who::anyone || route.endpoint->reads_caller()) add("401", "Unauthorized");
  if (route.who == Who::admin) add("403", "Forbidden");
  if (route.path.find('{') != std::string_view::npos) add("404", "NotFound");
  if (route.limit != Limit::none) add("429", "RateLimited");
  if (has_conditions(route)) add("412", "PreconditionFailed");
  if (route.endpoint->is_download()) add("416", "RangeNotSatisfiable");
  answers["default"] = reference("responses", "Error");
  return answers;
}

// Who may, and what counts it.
std::string description_of(const Route& route) {
  std::string text =
      asks_for_role(route.who)      ? "For administrators"
      : asks_for_sign_in(route.who) ? "For people who are signed in"
      : route.endpoint->reads_caller()
          ? "For anyone; the answer depends on who asks, so a token that comes along must be valid"
          : "For anyone";
  if (route.limit == Limit::none) return text + ". No limit counts it.";
  return text + ". The limit `rate_limits." + std::string(enum_name(route.limit)) + "` counts it.";
}

Json any_bytes() {
  return {{"type", "string"}, {"format", "binary"}};
}

struct Writer {
  SchemaBook book;

  // The input's schema taken apart by the rule that read_input() follows.
  void describe_input(const Route& route, const Json& input, Json& operation) {
    Json schema = input.is_null() ? Json::object() : input;
    if (schema.contains("$ref")) {
      const auto ref = schema.at("$ref").get<std::string>();
      schema = book.schemas().at(ref.substr(ref.rfind('/') + 1));
    }
    Json properties = schema.value("properties", Json::object());
    std::set<std::string> required;
    for (const auto& member : schema.value("required", Json::array())) {
      required.insert(member.get<std::string>());
    }
    Json parameters = Json::array();
    for (const auto& parameter : path_parameters(route.path)) {
      const Json type = properties.value(parameter, Json{{"type", "string"}});
      parameters.push_back(
          {{"name", parameter}, {"in", "path"}, {"required", true}, {"schema", type}});
      properties.erase(parameter);
      required.erase(parameter);
    }
    const Body body = body_of(route);
    if (body == Body::form) {
      for (auto& [member, type] : properties.items()) type = without_null(type);
      const FilePart file = route.endpoint->file_part();
      properties[std::string(file.name)] = any_bytes();
      if (file.required) required.emplace(file.name);
      operation["requestBody"] = {
          {"required", true},
          {"content",
           {{"multipart/form-data", {{"schema", object_schema(properties, required)}}}}}};
    } else if (body != Body::json) {
      for (const auto& [member, type] : properties.items()) {
        parameters.push_back({{"name", member},
                              {"in", "query"},
                              {"required", required.contains(member)},
                              {"schema", without_null(type)}});
      }
    } else if (!properties.empty()) {
      operation["requestBody"] = {
          {"required", !required.empty()},
          {"content",
           {{"application/json",
             {{"schema", body_schema(route, input, schema, properties, required)}}}}}};
    }
    if (body == Body::whole || body == Body::bytes) {
      operation["requestBody"] = {{"required", true},
                                  {"content", {{"*/*", {{"schema", any_bytes()}}}}}};
    }
    if (route.max_body > 0 && operation.contains("requestBody")) {
      operation["requestBody"]["description"] =
          "At most " + std::to_string(route.max_body) + " bytes";
    }
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  }

  // The struct itself, or what is left of it where the path has taken some of its members.
  static Json body_schema(const Route& route, const Json& input, const Json& whole,
                          const Json& properties, const std::set<std::string>& required) {
    if (path_parameters(route.path).empty() || properties.size() == whole.at("properties").size()) {
      return input;
    }
    return object_schema(properties, required);
  }

  static Json object_schema(const Json& properties, const std::set<std::string>& required) {
    Json object = {{"type", "object"}, {"properties", properties}};
    if (!required.empty()) object["required"] = required;
    return object;
  }

  // Queries and forms have no null: an optional member is left out.
  static Json without_null(const Json& type) {
    if (!type.contains("anyOf") || type.at("anyOf").size() != 2) return type;
    return type.at("anyOf").at(0);
  }

  static Json content_of(const Route& route, const Json& output) {
    if (route.endpoint->is_download()) return {{"*/*", {{"schema", any_bytes()}}}};
    if (output.is_null()) return {};
    const char* const type = route.made == Made::text ? "text/plain" : "application/json";
    return {{type, {{"schema", output}}}};
  }

  static Json headers_of(const Route& route) {
    Json headers = Json::object();
    const auto add = [&](const char* header) { headers[header] = reference("headers", header); };
    const bool counted_later =
        route.counted_by == CountedBy::handler || net::RateLimiter::counted_later(route.limit);
    if (route.limit != Limit::none && !counted_later) {
      for (const char* of : {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}) add(of);
    }
    if (route.endpoint->takes_key()) add("Idempotent-Replayed");
    if (has_conditions(route)) add("ETag");
    return headers;
  }

  Json describe(const Route& route) {
    const int status = route.endpoint->status();
    Json input;
    Json output;
    route.endpoint->describe_input(input, book);
    if (route.made == Made::values) {
      route.endpoint->describe_output(output, book);
    } else {
      schema_of(output, route.made == Made::text ? "string" : "object");
    }
    Json operation = {{"operationId", operation_id(route)},
                      {"summary", route.summary},
                      {"description", description_of(route)},
                      {"tags", Json::array({tag_of(route.path)})}};
    operation["security"] = Json::array();
    if (route.who == Who::anyone) operation["security"].push_back(Json::object());
    if (route.who != Who::anyone || route.endpoint->reads_caller()) {
      operation["security"].push_back({{"bearer", Json::array()}});
    }
    describe_input(route, input, operation);
    Json answers = error_answers(route);
    Json done = {{"description", status == 204 ? "Done" : status == 201 ? "Created" : "OK"}};
    done["headers"] = headers_of(route);
    Json content = content_of(route, output);
    if (!content.is_null()) done["content"] = std::move(content);
    if (route.endpoint->is_download()) {
      answers["302"] = {{"description", "The storage gives the bytes out itself: fetch Location"}};
      answers["302"]["headers"]["Location"] = reference("headers", "Location");
      answers["206"] = done;
      answers["206"]["description"] = "The part that the Range field asks for";
      answers["206"]["headers"]["Content-Range"] = reference("headers", "Content-Range");
    }
    if (has_conditions(route)) {
      answers["304"] = {{"description", "What the client has is the newest"},
                        {"headers", done.at("headers")}};
    }
    if (done.at("headers").empty()) done.erase("headers");
    answers[std::to_string(status)] = std::move(done);
    operation["responses"] = std::move(answers);
    if (route.endpoint->takes_key()) {
      operation["parameters"].push_back(reference("parameters", "Idempotency-Key"));
    }
    return operation;
  }
};

// Records have their `id` as `_id` too.
void add_mongo_ids(Json& schemas) {
  for (auto& schema : schemas) {
    if (!schema.contains("properties")) continue;
    Json& properties = schema["properties"];
    const auto id = properties.find("id");
    if (id != properties.end() && id->value("format", "") == "uuid") properties["_id"] = Json(*id);
  }
}

// Leaves out what nothing refers to: inputs that became parameters, answers that no row gives.
void drop_unused(Json& document) {
  for (bool dropped = true; dropped;) {
    dropped = false;
    const std::string text = document.dump();
    for (auto& [kind, members] : document.at("components").items()) {
      if (kind == "securitySchemes") continue;
      for (auto member = members.begin(); member != members.end();) {
        const std::string used = "\"#/components/" + kind + "/" + member.key() + "\"";
        const bool keep = text.find(used) != std::string::npos;
        dropped = dropped || !keep;
        member = keep ? std::next(member) : members.erase(member);
      }
    }
  }
}

}  // namespace

std::string openapi_document(const std::vector<Routes>& tables, std::span<const Code> codes,
                             const ApiInfo& info) {
  Writer writer;
  Json paths = Json::object();
  std::set<std::string> tags, ids;
  for (const auto& table : tables) {
    for (const auto& route : table) {
      if (route.kind != RouteKind::api) continue;
      Json operation = writer.describe(route);
      if (!ids.insert(operation.at("operationId").get<std::string>()).second) {
        throw std::logic_error("two operations are named " + operation.at("operationId").dump());
      }
      tags.insert(tag_of(route.path));
      std::string method(name(route.method));
      std::transform(method.begin(), method.end(), method.begin(),
                     [](char c) { return static_cast<char>(c - 'A' + 'a'); });
      paths[std::string(route.path)][method] = std::move(operation);
    }
  }
  Json schemas = writer.book.schemas();
  if (writes_mongo_ids()) add_mongo_ids(schemas);
  schemas["Error"] = error_schema(codes);
  Json tag_list = Json::array();
  for (const auto& tag : tags) {
    tag_list.push_back({{"name", tag}, {"description", "Operations of " + tag}});
  }
  const Json bearer = {{"type", "http"},
                       {"scheme", "bearer"},
                       {"bearerFormat", "JWT"},
                       {"description", "The access token that registering or logging in answers"}};
  Json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", info.title + " API"},
        {"version", info.version},
        {"description",
         "Peer learning: rooms, messages, calls. Times are RFC 3339 in UTC, ids are UUIDs, lists "
         "are paged by an opaque cursor. HEAD is answered as GET is, without the body; OPTIONS "
         "names the methods of a path, and others are answered 405. Errors of every status have "
         "one shape."}}},
      {"servers", Json::array({{{"url", info.server_url}, {"description", "This server"}}})},
      {"tags", std::move(tag_list)},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(schemas)},
        {"responses", shared_responses()},
        {"headers", shared_headers()},
        {"parameters", shared_parameters()},
        {"securitySchemes", {{"bearer", bearer}}}}}};
  drop_unused(document);
  return dump_json(document);
}

}  // namespace stoa::http
