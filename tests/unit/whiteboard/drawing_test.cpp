// Which objects a whiteboard takes, and that it gives them back as they came.
#include "features/whiteboard/drawing.hpp"

#include <stoa/core/json.hpp>

#include <gtest/gtest.h>

namespace stoa::whiteboard {
namespace {

Drawing parse(std::string_view text) {
  return read<Drawing>(parse_json(text));
}

bool is_refused(std::string_view text) {
  try {
    parse(text);
    return false;
  } catch (const Error& error) {
    return error.code() == Code::invalid_fields;
  }
}

TEST(Drawing, KeepsWhatItDoesNotKnow) {
  const Drawing drawing = parse(
      R"({"type":"Path","id":"p_1-X","path":[["M",1.5,-0.25],["Q",1e21,0.1,3,4]],"n":null,"ok":true,"text":"Ä\"\\\n"})");
  EXPECT_EQ(drawing.id, "p_1-X");
  EXPECT_EQ(
      *drawing.json,
      R"({"id":"p_1-X","n":null,"ok":true,"path":[["M",1.5,-0.25],["Q",1e+21,0.1,3,4]],"text":"Ä\"\\\n","type":"Path"})");
  EXPECT_EQ(write(drawing), *drawing.json);
}

TEST(Drawing, WantsAnObjectWithAnId) {
  for (const char* text : {"null", "7", "\"x\"", "[]", "[{\"id\":\"a\"}]", "{}", R"({"id":null})",
                           R"({"id":7})", R"({"id":""})", R"({"ID":"a"})"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(Drawing, WantsAnIdThatIsSafeAsAKey) {
  EXPECT_FALSE(is_refused(R"({"id":")" + std::string(64, 'a') + "\"}"));
  EXPECT_TRUE(is_refused(R"({"id":")" + std::string(65, 'a') + "\"}"));
  for (const char* id : {"__proto__", "constructor", "prototype", "toString", "hasOwnProperty",
                         "a b", "a.b", "../a", "a/b", "ä", "a'", "<b>"}) {
    EXPECT_TRUE(is_refused(Json{{"id", id}}.dump())) << id;
  }
  for (const char* id : {"a", "_", "-", "__x__", "0", "550e8400-e29b-41d4-a716-446655440000"}) {
    EXPECT_FALSE(is_refused(Json{{"id", id}}.dump())) << id;
  }
}

TEST(Drawing, HasNoPrototypeAtAnyDepth) {
  EXPECT_TRUE(is_refused(R"({"id":"a","__proto__":{}})"));
  EXPECT_TRUE(is_refused(R"({"id":"a","objects":[1,{"shadow":{"__proto__":1}}]})"));
  EXPECT_FALSE(is_refused(R"({"id":"a","text":"__proto__"})"));
}

}  // namespace
}  // namespace stoa::whiteboard
