#include "core/json_quick.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/json_skim.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string refusal(const std::string& text, JsonLimits limits = {}) {
  try {
    parse_json(text, limits);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_request);
    return error.message();
  }
  return "accepted";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, ReadsOrdinaryDocuments) {
  const Json json =
      parse_json(R"( {"a": [1, -2, 2.5e3, true, null, "x\u00e9\ud83d\ude00"], "b": {}} )");
  EXPECT_EQ(json["a"][2], 2500.0);
  EXPECT_EQ(json["a"][5], "x\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_TRUE(json["b"].is_object());
}

// The view of a flat document shows what the view of a tree shows.
void expect_same_view(JsonView flat, const Json& tree) {
  const JsonView other(tree);
  ASSERT_EQ(flat.type(), other.type()) << tree;
  switch (flat.type()) {
    case JsonType::boolean:
      EXPECT_EQ(flat.boolean(), other.boolean());
      break;
    case JsonType::negative:
      EXPECT_EQ(flat.negative(), other.negative());
      EXPECT_EQ(flat.number(), other.number());
      break;
    case JsonType::natural:
      EXPECT_EQ(flat.natural(), other.natural());
      EXPECT_EQ(flat.number(), other.number());
      break;
    case JsonType::real:
      EXPECT_EQ(flat.number(), other.number());
      break;
    case JsonType::string:
      EXPECT_EQ(flat.string(), other.string());
      break;
    case JsonType::array: {
      ASSERT_EQ(flat.size(), tree.size());
      std::size_t at = 0;
      flat.for_each([&](JsonView item) { expect_same_view(item, tree[at++]); });
      EXPECT_EQ(at, tree.size());
      break;
    }
    case JsonType::object: {
      const JsonMembers members(flat);
      EXPECT_FALSE(flat.find("nothing of this name"));
      EXPECT_FALSE(members.find("nothing of this name"));
      for (const auto& [name, value] : tree.items()) {
        ASSERT_TRUE(flat.find(name)) << name;
        expect_same_view(*flat.find(name), value);
        ASSERT_TRUE(members.find(name)) << name;
        expect_same_view(*members.find(name), value);
      }
      break;
    }
    case JsonType::null:
      break;
  }
  EXPECT_EQ(flat.copy(), tree);
}

TEST(JsonDocument, BecomesOneOfItsMembers) {
  const std::string filler(40'000, 'x');  // a text that long is held as a tree
  for (const std::string& more : {std::string("1"), "\"" + filler + "\""}) {
    JsonDocument document = parse_json_document(
        R"({"type":"t","payload":{"a":[1,-2,{"b":null}]},"more":)" + more + "}");
    EXPECT_FALSE(document.select("load"));
    EXPECT_TRUE(document.view().find("type"));
    ASSERT_TRUE(document.select("payload"));
    JsonDocument moved = std::move(document);
    EXPECT_EQ(moved.view().copy(), Json::parse(R"({"a":[1,-2,{"b":null}]})"));
    clear_json(moved);
    EXPECT_EQ(moved.view().type(), JsonType::null);
  }
  EXPECT_EQ(JsonDocument().view().type(), JsonType::null);
  for (const char* text : {"[1]", "\"a\"", "1", "null"}) {
    EXPECT_FALSE(parse_json_document(text).select("a")) << text;
    EXPECT_FALSE(JsonDocument(Json::parse(text)).select("a")) << text;
  }
}

TEST(JsonMembers, AreFoundHoweverManyThereAre) {
  for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 40U}) {
    Json tree = Json::object();
    for (std::size_t i = 0; i < count; ++i) tree["name" + std::to_string(i)] = i;
    const JsonDocument flat = parse_json_document(tree.dump());
    for (const JsonView object : {flat.view(), JsonView(tree)}) {
      const JsonMembers members(object);
      for (std::size_t i = 0; i < count; ++i) {
        const auto found = members.find("name" + std::to_string(i));
        ASSERT_TRUE(found) << i << " of " << count;
        EXPECT_EQ(found->natural(), i);
      }
      EXPECT_FALSE(members.find("name" + std::to_string(count)));
      EXPECT_FALSE(members.find(""));
    }
  }
  const JsonDocument list = parse_json_document("[1]");
  EXPECT_FALSE(JsonMembers(list.view()).find("a"));
}

TEST(JsonDocument, RefusesWhatATreeWouldRefuse) {
  const auto read = [](std::string_view text) {
    return parse_json_document(text, {.depth = 3, .elements = 30}).view().copy();
  };
  const auto named = [](std::size_t count, std::size_t last) {
    std::string object = "{";
    for (std::size_t i = 0; i + 1 < count; ++i) object += "\"" + std::to_string(i) + "\":0,";
    return object + "\"" + std::to_string(last) + "\":0}";
  };
  for (const std::size_t count : {2U, 7U, 8U, 9U, 10U, 28U}) {
    EXPECT_EQ(read(named(count, count)).size(), count);
    EXPECT_THROW(read(named(count, 0)), Error) << count;
    EXPECT_THROW(read(named(count, count - 2)), Error) << count;
  }
  for (const std::string_view text :
       {R"({"a":1,"a":1})", R"({"a":1,"b":{"c":1,"c":1}})", R"({"b":"\u0000"})", R"({"b\u0000":1})",
        R"({"a":1)", R"({"a":1}})", R"({"b":[[[1]]]})", R"({"b":1e999})",
        R"({"b":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29]})",
        "{\"b\":\"\xff\"}"}) {
    EXPECT_THROW(read(text), Error) << text;
  }
}

// What simdjson reads it reads as the other parser does, and it reads nothing that the other refuses.
void expect_same(const std::string& text, JsonLimits limits = {}) {
  const auto quick = parse_json_quickly(text, limits);
  if (!quick) return;
  const Json thorough = parse_json_thoroughly(text, limits);
  expect_same_view(parse_json_document(text, limits).view(), thorough);
  EXPECT_EQ(*quick, thorough) << text;
  EXPECT_EQ(quick->dump(), thorough.dump()) << text;
}

TEST(Json, IsTheSameFromBothParsers) {
  const std::vector<std::string> documents{
      R"({"type":"send_message","id":7,"payload":{"roomId":"0190","content":"x\u00e9\ud83d\ude00\n\/"}})",
      R"([0, -0, 1, -1, 1.0, -0.0, 1e5, 1E-7, 0.1, 5e-324, 1.7976931348623157e308, 123456789012345678])",
      R"([9223372036854775807, -9223372036854775808, 18446744073709551615, 9223372036854775808])",
      R"({"a":{"b":[[],{},null,true,false,""]},"":"\"\\ \u0041"})",
      " \t\r\n\"gr\xC3\xB6\xC3\x9F"
      "e\" ",
  };
  for (const std::string& text : documents) {
    EXPECT_TRUE(parse_json_quickly(text, {})) << text;
    expect_same(text);
  }
  expect_same("\xEF\xBB\xBF[1]");  // not every version of simdjson reads a byte order mark
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "{}[]\",:.eE+-0123456789 \\unltrafsd\0\x80\xC3\xED\xA0\xFF"sv;
  const auto below = [&](std::size_t end) { return random() % end; };
  for (int i = 0; i < 200'000; ++i) {
    std::string text = documents[below(documents.size())];
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(text.size());
      const char byte = kBytes[below(kBytes.size())];
      switch (below(3)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), byte);
          break;
        default:
          text.erase(at, 1);
      }
    }
    expect_same(text, {.depth = 3, .elements = 12});
  }
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* bad : {"",
                          " ",
                          "{",
                          "[1,]",
                          "{\"a\":1,}",
                          "{a:1}",
                          "'a'",
                          "nul",
                          "01",
                          "+1",
                          "1.",
                          ".5",
                          "NaN",
                          "Infinity",
                          "[1] 2",
                          "\"a\nb\"",
                          "// c\n1",
                          "\"\\x41\"",
                          "\xEF\xBB\xBF[",
                          "{\"a\"}",
                          "[\"a\" \"b\"]"}) {
    EXPECT_NE(refusal(bad), "accepted") << bad;
  }
}

TEST(Json, BoundsDepth) {
  EXPECT_EQ(refusal(nested(32)), "accepted");
  EXPECT_EQ(refusal(nested(33)), "The body is not acceptable JSON: nested deeper than 32");
  EXPECT_NE(refusal(std::string(1000000, '[')), "accepted");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_NE(refusal(objects), "accepted");
}

TEST(Json, BoundsTheNumberOfValues) {
  std::string many = "[0";
  for (int i = 0; i < 20000; ++i) many += ",0";
  EXPECT_EQ(refusal(many + "]"), "The body is not acceptable JSON: too many values");
  EXPECT_EQ(refusal("[1,2]", {.depth = 2, .elements = 3}), "accepted");
  EXPECT_NE(refusal("[1,2,3]", {.depth = 2, .elements = 3}), "accepted");
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_EQ(refusal(R"({"a":1,"a":2})"),
            "The body is not acceptable JSON: a member stands twice in one object");
  EXPECT_NE(refusal(R"({"a":1,"\u0061":2})"), "accepted");
  EXPECT_NE(refusal(R"([{"b":{"a":1,"c":2,"a":3}}])"), "accepted");
  EXPECT_EQ(refusal(R"([{"a":1},{"a":1}])"), "accepted");
}

TEST(Json, RefusesLoneSurrogatesAndBadUtf8) {
  for (const char* bad : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud83d\u0041")",
                          "\"\xED\xA0\x80\"", "\"\xC0\x80\"", "\"\xFF\"", "\"\xC3\""}) {
    EXPECT_NE(refusal(bad), "accepted") << bad;
  }
}

TEST(Json, RefusesNul) {
  EXPECT_EQ(refusal(R"("a\u0000b")"), "The body is not acceptable JSON: a string contains NUL");
  EXPECT_NE(refusal(R"({"a\u0000":1})"), "accepted");
  EXPECT_NE(refusal(std::string("[1]\0", 4)), "accepted");
  EXPECT_NE(refusal(std::string("[1]\0[2]", 7)), "accepted");
  EXPECT_NE(refusal(std::string("\"a\0\"", 4)), "accepted");
}

TEST(Json, RefusesNumbersOutOfRange) {
  for (const char* bad : {"1e400", "-1e400", "[1e309]", R"({"a": 1e999999999})"}) {
    EXPECT_NE(refusal(bad), "accepted") << bad;
  }
  EXPECT_EQ(refusal("1e308"), "accepted");
  EXPECT_EQ(refusal("1e-400"), "accepted");
  EXPECT_EQ(refusal("18446744073709551615"), "accepted");
  EXPECT_EQ(refusal("184467440737095516150"), "accepted");
}

TEST(Json, SurvivesAMegabyteOfAnything) {
  EXPECT_EQ(refusal('"' + std::string(1 << 20, 'a') + '"'), "accepted");
  std::string emoji = "\"";
  for (int i = 0; i < (1 << 18); ++i) emoji += "\xF0\x9F\x98\x80";
  EXPECT_EQ(refusal(emoji + '"'), "accepted");
  EXPECT_NE(refusal('"' + std::string((1 << 20) + 1, '\\') + '"'), "accepted");
}

TEST(JsonSkim, TellsWhatIsBeyondTheLimitsFromWhatIsBroken) {
  std::string many = "[0";
  for (int i = 0; i < 20000; ++i) many += ",0";
  const std::string deep = std::string(300000, '[') + std::string(300000, ']');
  for (const std::string& beyond :
       {nested(33), many + "]", deep, R"("a\u0000b")"s, R"({"a\u0000":1})"s, R"(["\ud83d"])"s,
        R"({"a":1,"a":2})"s, "[1e400]"s, R"( [ "\"\\\/\b\f\n\r\t" , { } , [ ] ] )"s}) {
    EXPECT_TRUE(is_json(beyond)) << beyond.substr(0, 50);
  }
  for (const char* bad : {"",           " ",
                          "x",          "[",
                          "]",          "{",
                          "[1",         "[1,]",
                          "[,1]",       "[1 2]",
                          "{\"a\"}",    "{\"a\":}",
                          "{\"a\":1,}", "{a:1}",
                          "{1:1}",      "[1]]",
                          "[1}",        "{\"a\":1]",
                          "\"a",        "\"\\\"",
                          "\"\\x\"",    "\"\\u12g4\"",
                          "\"\\u12",    "\"a\nb\"",
                          "01",         "+1",
                          ".5",         "1.",
                          "1e",         "0x10",
                          "--1",        "-",
                          "Infinity",   "tru",
                          "nulll",      "[1] [2]",
                          "\"\xff\"",   "\xEF\xBB\xBF[]"}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
  EXPECT_FALSE(is_json(std::string(1000000, '[')));
  EXPECT_FALSE(is_json("[1]\0"sv));
}

TEST(JsonSkim, TakesWhatIsReadForJson) {
  std::minstd_rand random(7);
  constexpr std::string_view kPieces[] = {"[",     "]",        "{", "}",    ",",    ":",
                                          "\"a\"", "\"b\\n\"", "1", "-2.5", "null", " "};
  for (int round = 0; round < 200000; ++round) {
    std::string text;
    for (std::uint32_t left = random() % 9; left > 0; --left) {
      text += kPieces[random() % std::size(kPieces)];
    }
    const std::string why = refusal(text);
    // A name that stands twice is JSON, and refused.
    const bool expected = why == "accepted" || why.ends_with("twice in one object");
    if (why.find("twice") == std::string::npos) {
      ASSERT_EQ(is_json(text), expected) << text;
    }
  }
}

TEST(JsonSkim, FindsTheTextOfAMember) {
  EXPECT_EQ(member_text(R"({"a":{"payload":1},"payload":2})", "payload"), "2");
  EXPECT_EQ(member_text(R"({"payload":{"payload":[{}]},"b":1})", "payload"), R"({"payload":[{}]})");
  EXPECT_EQ(member_text(R"({"a":"payload","b":["payload",1]})", "payload"), "");
  EXPECT_EQ(member_text(R"({"a":"\"payload\":1","payload" : "x\\" })", "payload"), R"("x\\")");
  EXPECT_EQ(member_text(R"({"payload":"},]\"{"})", "payload"), R"("},]\"{")");
  EXPECT_EQ(member_text("{}", "payload"), "");
}

TEST(JsonSkim, FindsTheTextOfTheFirstItem) {
  EXPECT_EQ(first_item_text(R"( [ "a,\"]" , 1] )"), R"("a,\"]")");
  EXPECT_EQ(first_item_text(R"([{"a":[1,2]},3])"), R"({"a":[1,2]})");
  EXPECT_EQ(first_item_text("[1]"), "1");
  EXPECT_EQ(first_item_text("[]"), "");
  EXPECT_EQ(first_item_text(R"({"a":1})"), "");
}

TEST(Json, WritesWithoutThrowing) {
  EXPECT_EQ(dump_json(Json("a\xFF"
                           "b")),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(dump_json(Json{{"b", 1}, {"a", nullptr}}), R"({"a":null,"b":1})");
  std::string out;
  append_json_string(out, "q\" \\ \n \t \x01 \0 \x1f e\xC3\xA9"sv);
  EXPECT_EQ(out, "\"q\\\" \\\\ \\n \\t \\u0001 \\u0000 \\u001f e\xC3\xA9\"");
  EXPECT_EQ(parse_json(R"("\b\f\r\/")"), "\b\f\r/");
}

// Eight bytes are looked at together: each byte counts at each of the places, beside any other.
TEST(Json, EscapesAByteWhereverItStands) {
  for (int c = 0; c < 256; ++c) {
    const bool is_escaped = c < 0x20 || c == '"' || c == '\\';
    for (std::size_t at = 0; at < 17; ++at) {
      for (const char beside : {'a', ' ', '!', '#', '[', ']', '\x7f', '\xff'}) {
        std::string text(17, beside);
        text[at] = static_cast<char>(c);
        std::string out;
        append_json_string(out, text);
        ASSERT_EQ(out.size() > text.size() + 2, is_escaped) << c << " at " << at;
        std::string alone;
        append_json_string(alone, std::string(1, static_cast<char>(c)));
        ASSERT_EQ(out.substr(at + 1, alone.size() - 2), alone.substr(1, alone.size() - 2))
            << c << " at " << at;
      }
    }
  }
}

TEST(Json, WritesNumbersExactly) {
  const auto text = [](auto value) {
    std::string out;
    append_json_number(out, value);
    return out;
  };
  EXPECT_EQ(text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(text(-1e300), "-1e+300");
}

}  // namespace
}  // namespace stoa
