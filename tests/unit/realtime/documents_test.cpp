// Presence, and the AsyncAPI document.
#include "support.hpp"

#include <stoa/core/json.hpp>
#include <stoa/realtime/asyncapi.hpp>
#include <stoa/realtime/presence.hpp>

#include <set>

namespace stoa::realtime::test {
namespace {

TEST(PresenceTest, FirstAndLastSessionsOfAUser) {
  const auto presence = make_local_presence();
  const auto room = RoomId::make();
  const auto other = RoomId::make();
  const auto ann = UserId::make();
  const auto bob = UserId::make();
  EXPECT_TRUE(presence->enter(room, ann, {0, 1}));
  EXPECT_FALSE(presence->enter(room, ann, {0, 1}));
  EXPECT_FALSE(presence->enter(room, ann, {1, 2}));
  EXPECT_TRUE(presence->enter(room, bob, {1, 3}));
  EXPECT_TRUE(presence->enter(other, ann, {0, 1}));
  EXPECT_EQ(presence->count(room), 2U);
  EXPECT_EQ(presence->online(room).size(), 2U);
  EXPECT_TRUE(presence->is_online(room, ann));
  EXPECT_FALSE(presence->is_online(other, bob));
  EXPECT_FALSE(presence->leave(room, ann, {0, 1}));
  EXPECT_FALSE(presence->leave(room, ann, {0, 1}));
  EXPECT_TRUE(presence->leave(room, ann, {1, 2}));
  EXPECT_FALSE(presence->leave(room, ann, {1, 2}));
  EXPECT_TRUE(presence->is_online(ann));
  const auto left = presence->leave_all(ann, {0, 1});
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].room, other);
  EXPECT_TRUE(left[0].last);
  EXPECT_FALSE(presence->is_online(ann));
  EXPECT_EQ(presence->count(other), 0U);
  EXPECT_TRUE(presence->leave_all(ann, {0, 1}).empty());
}

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
  const Registry registry({{{"say", Who::signed_in, Limit::message, Order::flowing, "Say something",
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
