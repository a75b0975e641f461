#include <stoa/core/json.hpp>
#include <stoa/realtime/asyncapi.hpp>

#include <utility>

namespace stoa::realtime {
namespace {

constexpr const char* kSchemas = "#/components/schemas/";

Json reference(std::string path) {
  return {{"$ref", std::move(path)}};
}

Json constant(std::string_view value) {
  return {{"type", "string"}, {"const", value}};
}

Json id_schema() {
  return {{"description", "Chosen by the client; comes back in the answer"},
          {"anyOf",
           Json::array({Json{{"type", "string"}, {"maxLength", 128}}, Json{{"type", "number"}}})}};
}

Json timestamp_schema() {
  return {{"type", "integer"}, {"description", "Milliseconds since 1970"}};
}

Json envelope(std::string_view type, Json payload, bool from_client) {
  Json properties = {
      {"type", constant(type)}, {"payload", std::move(payload)}, {"timestamp", timestamp_schema()}};
  Json required = {"type", "payload"};
  if (from_client) {
    properties["id"] = id_schema();
  } else {
    required.push_back("timestamp");
  }
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json answer(std::string_view type, Json payload) {
  Json schema = envelope(type, std::move(payload), false);
  schema["properties"]["id"] = id_schema();
  return schema;
}

Json error_schema(std::span<const Code> known) {
  Json codes = Json::array();
  for (const Code& code : known) codes.push_back(code.wire);
  return {{"type", "object"},
          {"properties",
           {{"code", {{"type", "string"}, {"enum", std::move(codes)}}},
            {"message", {{"type", "string"}}},
            {"details", {{"type", "object"}}}}},
          {"required", {"code", "message", "details"}}};
}

Json message(std::string_view name, std::string_view summary, Json payload) {
  return {{"name", name},
          {"summary", summary},
          {"contentType", "application/json"},
          {"payload", std::move(payload)}};
}

std::string_view who(Who value) {
  switch (value) {
    case Who::anyone:
      return "anyone";
    case Who::signed_in:
      return "signed-in users";
    case Who::admin:
      return "administrators";
  }
  return "";
}

// Collects messages under components and in the channel at once.
class Document {
 public:
  explicit Document(const AsyncApiInfo& about) : about_(about) {}

  // Names of both directions may coincide, so what the server sends has a suffix of its own.
  std::string add(const std::string& key, Json value) {
    messages_[key] = std::move(value);
    channel_messages_[key] = reference("#/components/messages/" + key);
    return "#/channels/socket/messages/" + key;
  }

  void operation(const std::string& key, Json value) {
    value["channel"] = reference("#/channels/socket");
    operations_[key] = std::move(value);
  }

  Json finish(const SchemaBook& book, std::span<const Code> codes) {
    const bool secure = about_.public_url.starts_with("https://");
    const auto at = about_.public_url.find("://");
    std::string host =
        at == std::string::npos ? about_.public_url : about_.public_url.substr(at + 3);
    host = host.substr(0, host.find('/'));
    Json schemas = Json::object();
    for (const auto& [name, schema] : book.schemas()) schemas[name] = schema;
    schemas["SocketError"] = error_schema(codes);
    return {
        {"asyncapi", "3.0.0"},
        {"info",
         {{"title", about_.title},
          {"version", about_.version},
          {"description",
           "One JSON text frame an event over WebSocket. Sign in with an Authorization header, "
           "?token=, the "
           "subprotocols stoa.v1 and bearer.<token>, or a first authenticate event."}}},
        {"defaultContentType", "application/json"},
        {"servers", {{"node", {{"host", host}, {"protocol", secure ? "wss" : "ws"}}}}},
        {"channels",
         {{"socket", {{"address", about_.path}, {"messages", std::move(channel_messages_)}}}}},
        {"operations", std::move(operations_)},
        {"components", {{"messages", std::move(messages_)}, {"schemas", std::move(schemas)}}},
    };
  }

 private:
  const AsyncApiInfo& about_;
  Json messages_ = Json::object();
  Json channel_messages_ = Json::object();
  Json operations_ = Json::object();
};

void add_incoming(Document& document, std::string_view name, std::string_view summary,
                  std::string_view who_may, Json input, Json output) {
  const std::string key(name);
  const auto sent =
      document.add(key, message(name, summary, envelope(name, std::move(input), true)));
  const auto ack = document.add(
      key + ".ack", message("ack", "The answer to " + key, answer("ack", std::move(output))));
  document.operation(
      "receive." + key,
      {{"action", "receive"},
       {"summary", summary},
       {"description", "May be sent by " + std::string(who_may)},
       {"messages", Json::array({reference(sent)})},
       {"reply",
        {{"channel", reference("#/channels/socket")},
         {"messages",
          Json::array({reference(ack), reference("#/channels/socket/messages/error")})}}}});
}

void add_outgoing(Document& document, std::string_view name, std::string_view summary,
                  Json payload) {
  const std::string key(name);
  const auto sent = document.add(key + ".event",
                                 message(name, summary, envelope(name, std::move(payload), false)));
  document.operation(
      "send." + key,
      {{"action", "send"}, {"summary", summary}, {"messages", Json::array({reference(sent)})}});
}

Json object_of(std::string_view name, Json schema) {
  return {{"type", "object"},
          {"properties", {{std::string(name), std::move(schema)}}},
          {"required", Json::array({name})}};
}

}  // namespace

Json asyncapi(const AsyncApiInfo& about, const Registry& registry, const OutgoingTable& outgoing,
              std::span<const Code> codes) {
  SchemaBook book(kSchemas);
  Document document(about);
  document.add("error", message("error", "The message with this id, or one without, was refused",
                                answer("error", reference(std::string(kSchemas) + "SocketError"))));
  add_incoming(document, Registry::kAuthenticate, "Sign in, or renew the token before it expires",
               "anyone", object_of("token", {{"type", "string"}}),
               object_of("userId", {{"type", "string"}, {"format", "uuid"}}));
  for (const Event& row : registry.rows()) {
    Json input;
    Json output;
    row.action->describe_input(input, book);
    row.action->describe_output(output, book);
    add_incoming(document, row.name, row.summary, who(row.who), std::move(input),
                 std::move(output));
  }
  add_outgoing(document, "server_closing", "The server restarts; come back after this long",
               object_of("reconnectInMs", {{"type", "integer"}, {"minimum", 0}}));
  add_outgoing(document, "token_expiring",
               "The connection ends with its token then; authenticate with a new one before",
               object_of("expiresAt", {{"type", "string"}, {"format", "date-time"}}));
  for (const OutgoingRow& row : outgoing) {
    Json payload;
    row.describe(payload, book);
    add_outgoing(document, row.name, row.summary, std::move(payload));
  }
  return document.finish(book, codes);
}

}  // namespace stoa::realtime
