// The AsyncAPI document.
#include "support.hpp"

#include <stoa/core/json.hpp>
#include <stoa/realtime/asyncapi.hpp>

#include <set>

namespace stoa::realtime::test {
namespace {

struct Said {
  std::string content;
  std::optional<std::int64_t> seq;
};
BOOST_DESCRIBE_STRUCT(Said, (), (content, seq))

struct Chat {
  Said say(Caller, Said in) { return in; }
};

constexpr Outgoing<Said> kSaid{"said", "Somebody said something"};

void collect_references(const Json& node, std::set<std::string>& out) {
  if (node.is_object() && node.contains("$ref")) out.insert(node["$ref"].get<std::string>());
  for (const auto& child : node) {
    if (child.is_structured()) collect_references(child, out);
  }
}

TEST(AsyncApiTest, DescribesBothDirectionsAndEveryReferenceLeadsSomewhere) {
  Chat chat;
  const Registry registry({{{"say", Who::signed_in, Limit::none, Order::flowing, "Say something",
                             on<&Chat::say>(chat)}}});
  const Json doc = asyncapi({"Stoa", "0.1.0", "https://stoa.example/base", "/ws"}, registry,
                            {sends(kSaid)}, common_codes());
  EXPECT_EQ(doc["asyncapi"], "3.0.0");
  EXPECT_EQ(doc["servers"]["node"]["protocol"], "wss");
  EXPECT_EQ(doc["servers"]["node"]["host"], "stoa.example");
  EXPECT_EQ(doc["channels"]["socket"]["address"], "/ws");
  const Json& operation = doc["operations"]["receive.say"];
  EXPECT_EQ(operation["action"], "receive");
  const Json& message = doc["components"]["messages"]["say"];
  EXPECT_EQ(message["name"], "say");
  const auto schema = message["payload"]["properties"]["payload"]["$ref"].get<std::string>();
  EXPECT_TRUE(schema.starts_with("#/components/schemas/") && schema.ends_with("Said")) << schema;
  EXPECT_EQ(doc["operations"]["send.said"]["action"], "send");
  EXPECT_TRUE(doc["operations"].contains("receive.authenticate"));
  std::set<std::string> references;
  collect_references(doc, references);
  EXPECT_GT(references.size(), 8U);
  for (const auto& reference : references) {
    EXPECT_TRUE(doc.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
}

}  // namespace
}  // namespace stoa::realtime::test
