#include "core/json_quick.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/label.hpp>

#include <gtest/gtest.h>

namespace stoa {
namespace binding_test {  // named: these types are looked up by name

enum class Kind { plain, private_ };
BOOST_DESCRIBE_ENUM(Kind, plain, private_)

struct Inner {
  Bounded<int, 2, 500> count;
  std::optional<Text<0, 10>> note;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (count, note))

struct Outer {
  Text<1, 5> full_name;
  Verbatim<2, 8> secret;
  Email email;
  Kind kind = Kind::plain;
  Or<Bounded<int, 1, 100>, 20> limit;
  Patch<Text<1, 20>> bio;
  List<Inner, 2> inners;
  std::optional<RoomId> room;
  std::optional<Timestamp> at;
  std::optional<bool> flag;
};
BOOST_DESCRIBE_STRUCT(Outer, (),
                      (full_name, secret, email, kind, limit, bio, inners, room, at, flag))

struct Named {
  Label<1, 5> name;
};
BOOST_DESCRIBE_STRUCT(Named, (), (name))

struct Answer {
  std::string id;
  std::optional<int> maybe;
  Omittable<int> hidden;
  std::vector<Kind> kinds;
  Json extra;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (id, maybe, hidden, kinds, extra))

struct Record {
  RoomId id;
  std::string name;
  std::optional<RoomId> parent_id;
};
BOOST_DESCRIBE_STRUCT(Record, (), (id, name, parent_id))

struct Holder {
  std::vector<Record> items;
  Json given;
};
BOOST_DESCRIBE_STRUCT(Holder, (), (items, given))

const char* const kGood =
    R"({"fullName":"  Ann ","secret":" ab ","email":"a@b.co","kind":"private","inners":[]})";

// path:code of every complaint.
std::vector<std::string> complaints(const std::string& text) {
  std::vector<std::string> out;
  try {
    read<Outer>(parse_json(text));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_fields);
    for (const auto& issue : error.details()["validationErrors"]) {
      out.push_back(issue["path"].dump() + ' ' + issue["code"].get<std::string>());
      EXPECT_FALSE(issue["message"].get<std::string>().empty());
    }
  }
  return out;
}

std::vector<std::string> with(const std::string& member, const std::string& value) {
  Json json = parse_json(kGood);
  json[member] = parse_json(value);
  return complaints(json.dump());
}

TEST(Binding, ReadsAndDefaults) {
  const auto in = read<Outer>(parse_json(kGood));
  EXPECT_EQ(in.full_name.value, "Ann");
  EXPECT_EQ(in.secret.value, " ab ");
  EXPECT_EQ(in.kind, Kind::private_);
  EXPECT_EQ(in.limit.value.value, 20);
  EXPECT_FALSE(in.bio.present);
  EXPECT_FALSE(in.room);
}

TEST(Binding, PatchKnowsAbsentNullAndValue) {
  Json json = parse_json(kGood);
  json["bio"] = nullptr;
  EXPECT_TRUE(read<Outer>(json).bio.clears());
  json["bio"] = "new";
  EXPECT_EQ(read<Outer>(json).bio.value->value, "new");
  EXPECT_EQ(with("bio", "\"\""), std::vector<std::string>{"[\"bio\"] too_small"});
}

TEST(Binding, NamesEveryBadFieldAtOnce) {
  EXPECT_EQ(complaints("{}"),
            (std::vector<std::string>{R"(["fullName"] invalid_type)", R"(["secret"] invalid_type)",
                                      R"(["email"] invalid_type)", R"(["kind"] invalid_type)",
                                      R"(["inners"] invalid_type)"}));
  EXPECT_EQ(
      complaints(R"({"fullName":"far too long","secret":1,"email":"x","kind":"PRIVATE",
                           "limit":0,"inners":[{"count":1},{"note":"n"}],"room":"r","at":"yesterday"})"),
      (std::vector<std::string>{R"(["fullName"] too_big)", R"(["secret"] invalid_type)",
                                R"(["email"] invalid_string)", R"(["kind"] invalid_enum_value)",
                                R"(["limit"] too_small)", R"(["inners",0,"count"] too_small)",
                                R"(["inners",1,"count"] invalid_type)",
                                R"(["room"] invalid_string)", R"(["at"] invalid_string)"}));
}

TEST(Binding, TheErrorSpeaksForItself) {
  try {
    read<Outer>(parse_json(R"({"secret":"abc","email":"a@b.co","kind":"plain","inners":[]})"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "fullName: Required");
    EXPECT_EQ(error.details()["validationErrors"][0],
              parse_json(R"({"code":"invalid_type","expected":"string","received":"undefined",
                             "path":["fullName"],"message":"Required"})"));
  }
}

TEST(Binding, IsStrictAboutTypes) {
  for (const char* value : {"1", "true", "[]", "{}", "null", "[\"Ann\"]", "{\"$regex\":\".*\"}"}) {
    EXPECT_EQ(with("fullName", value).size(), 1u) << value;
  }
  for (const char* value : {"\"1\"", "\"1.0\"", "1.5", "0.0", "1e-1", "101.0", "1e3", "true", "[]",
                            "{}", "1e300", "-1", "18446744073709551615", "9223372036854775808"}) {
    EXPECT_EQ(with("limit", value).size(), 1u) << value;
  }
  for (const char* value : {"\"true\"", "1", "0"})
    EXPECT_EQ(with("flag", value).size(), 1u) << value;
  for (const char* value : {"[]", "\"x\"", "1", "null"}) {
    EXPECT_FALSE(complaints(value).empty()) << value;
  }
  EXPECT_EQ(with("kind", "\"toString\"").size(), 1u);
  EXPECT_EQ(with("__proto__", "{\"admin\":true}").size(), 0u);
}

// As JSON Schema has it: what is an integer is a matter of the number, not of its spelling. From both parsers.
TEST(Binding, ReadsAnIntegerHoweverItIsWritten) {
  const std::pair<const char*, std::optional<std::int64_t>> cases[] = {
      {"1.0", 1},
      {"8.00", 8},
      {"1e2", 100},
      {"-2.5E1", -25},
      {"-0.0", 0},
      {"9007199254740991.0", 9007199254740991},
      {"-9007199254740991.0", -9007199254740991},
      {"9007199254740993", 9007199254740993},
      {"9007199254740992.0", std::nullopt},  // might have been ...993.0
      {"1e16", std::nullopt},
      {"1.5", std::nullopt},
      {"1e-1", std::nullopt},
      {"1e300", std::nullopt}};
  for (const auto& [text, expected] : cases) {
    const JsonDocument flat = parse_json_document(text);
    const Json tree = parse_json_thoroughly(text, {});
    for (const JsonView view : {flat.view(), JsonView(tree)}) {
      Issues issues;
      std::int64_t value = -1;
      Binding<std::int64_t>::read(view, value, issues);
      EXPECT_EQ(issues.empty(), expected.has_value()) << text;
      EXPECT_EQ(value, expected.value_or(-1)) << text;
    }
  }
}

// As encoders write it that know no members that are left out.
TEST(Binding, NullIsTheDefaultOfWhatHasOne) {
  const Json given = parse_json(kGood);
  Json json = given;
  json["limit"] = nullptr;
  EXPECT_EQ(read<Outer>(json).limit.value.value, 20);
  Or<bool, true> flag{false};
  Issues issues;
  Binding<Or<bool, true>>::read(Json(nullptr), flag, issues);
  EXPECT_TRUE(issues.empty());
  EXPECT_TRUE(flag.value);
  EXPECT_EQ(with("kind", "null").size(), 1u);
}

TEST(Binding, RefusesATextOfWhichNothingCanBeSeen) {
  for (const char* value : {"\"\\u200b\"", "\"\\u202e \\u2060\""}) {
    EXPECT_EQ(with("fullName", value), std::vector<std::string>{"[\"fullName\"] too_small"})
        << value;
  }
  EXPECT_EQ(with("fullName", "\"\\u200ba\"").size(), 0u);
  EXPECT_EQ(with("inners", R"([{"count":2,"note":"\u200b"}])").size(), 0u);
}

TEST(Binding, CountsCodePointsAndTrimsFirst) {
  EXPECT_EQ(with("fullName", "\"   \"").size(), 1u);
  EXPECT_EQ(with("fullName", "\"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\"")
                .size(),
            0u);
  EXPECT_EQ(with("fullName", "\" abcde \"").size(), 0u);
  EXPECT_EQ(with("fullName", "\"a\\u0007b\"").size(), 1u);
  EXPECT_EQ(with("secret", "\"a\\u0007b\"").size(), 0u);
  EXPECT_EQ(with("inners", R"([{"count":2},{"count":3},{"count":4}])").size(), 1u);
}

TEST(Binding, ANameDirectsNoOtherText) {
  const auto name = [](const std::string& given) {
    return read<Named>(Json{{"name", given}}).name.value;
  };
  EXPECT_EQ(name("Ada\u202E"), "Ada");
  EXPECT_EQ(name("\u2068 Ada \u2069"), "Ada") << "before it is trimmed";
  EXPECT_EQ(name("\u200E\u200E\u200E\u200E\u200EAda"), "Ada") << "before it is measured";
  EXPECT_THROW(name("\u202A \u200B\u202C"), Error);
  EXPECT_THROW(name("\u202E"), Error);
  EXPECT_THROW(name("Adalaida"), Error);
  EXPECT_THROW(name("A\u0007"), Error);
}

TEST(Binding, BoundsItsOwnAnswer) {
  Json list = Json::array();
  for (int i = 0; i < 5000; ++i) list.push_back("x");
  try {
    read<std::vector<int>>(list);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.details()["validationErrors"].size(), 100u);
  }
}

TEST(Binding, ReadsNumbersFromTextOnlyInQueries) {
  Issues issues;
  issues.from_text = true;
  PageQuery page;
  Binding<PageQuery>::read(Json{{"limit", "50"}}, page, issues);
  EXPECT_TRUE(issues.empty());
  EXPECT_EQ(page.limit.value.value, 50);
  for (const char* bad : {"", "5x", "0x5", " 5", "101", "0", "99999999999999999999"}) {
    Issues again;
    again.from_text = true;
    Binding<PageQuery>::read(Json{{"limit", bad}}, page, again);
    EXPECT_EQ(again.size(), 1u) << bad;
  }
}

TEST(Binding, CursorsAreOpaqueAndChecked) {
  const auto text = write(Cursor{"2026|abc"});
  Cursor back;
  Issues issues;
  Binding<Cursor>::read(parse_json(text), back, issues);
  EXPECT_TRUE(issues.empty());
  EXPECT_EQ(back.key, "2026|abc");
  for (const std::string& bad :
       {std::string("*"), std::string("A"), std::string(300, 'A'), std::string("_w")}) {
    Issues again;
    Binding<Cursor>::read(Json(bad), back, again);
    EXPECT_EQ(again.size(), 1u) << bad;
  }
}

TEST(Binding, WritesWhatItShould) {
  Answer answer{"q\"", std::nullopt, {}, {Kind::plain, Kind::private_}, Json{{"a", 1}}};
  EXPECT_EQ(write(answer),
            R"({"id":"q\"","maybe":null,"kinds":["plain","private"],"extra":{"a":1}})");
  answer.hidden = 4;
  answer.maybe = -1;
  EXPECT_EQ(write(answer),
            R"({"id":"q\"","maybe":-1,"hidden":4,"kinds":["plain","private"],"extra":{"a":1}})");
  EXPECT_EQ(write(Page<int>{{1, 2}, Cursor{"k"}}), R"({"items":[1,2],"nextCursor":"aw"})");
}

TEST(Binding, DescribesItself) {
  SchemaBook book;
  Json schema;
  book.add<Outer>(schema);
  EXPECT_EQ(schema, (Json{{"$ref", "#/components/schemas/Outer"}}));
  const auto& outer = book.schemas().at("Outer");
  EXPECT_EQ(outer["required"], parse_json(R"(["fullName","secret","email","kind","inners"])"));
  EXPECT_EQ(outer["properties"]["fullName"],
            parse_json(R"({"type":"string","minLength":1,"maxLength":5})"));
  EXPECT_EQ(outer["properties"]["kind"],
            parse_json(R"({"type":"string","enum":["plain","private"]})"));
  EXPECT_EQ(outer["properties"]["limit"],
            parse_json(R"({"type":"integer","minimum":1,"maximum":100,"default":20})"));
  EXPECT_EQ(outer["properties"]["inners"]["items"], (Json{{"$ref", "#/components/schemas/Inner"}}));
  EXPECT_TRUE(book.schemas().contains("Inner"));
}

// Each holds the next: a path that is longer than what Issues keeps without memory of its own.
struct Deep6 {
  Bounded<int, 1, 2> end;
};
BOOST_DESCRIBE_STRUCT(Deep6, (), (end))
struct Deep4 {
  std::vector<Deep6> five;
  Bounded<int, 1, 2> after;
};
BOOST_DESCRIBE_STRUCT(Deep4, (), (five, after))
struct Deep2 {
  std::vector<Deep4> three;
  Bounded<int, 1, 2> after;
};
BOOST_DESCRIBE_STRUCT(Deep2, (), (three, after))

TEST(Binding, NamesWhatIsWrongHoweverDeepItStands) {
  const char* const text = R"({"three":[{"five":[{"end":1},{"end":3}],"after":0}],"after":9})";
  std::string paths;
  try {
    read<Deep2>(parse_json(text));
  } catch (const Error& error) {
    for (const auto& issue : error.details()["validationErrors"]) {
      paths += issue["path"].dump() + ' ';
    }
  }
  EXPECT_EQ(paths, R"(["three",0,"five",1,"end"] ["three",0,"after"] ["after"] )");
}

namespace elsewhere {
struct Inner {
  int other = 0;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (other))
}  // namespace elsewhere

TEST(Binding, TwoTypesOfOneNameAreRefused) {
  SchemaBook book;
  Json schema;
  book.add<Inner>(schema);
  book.add<Inner>(schema);
  EXPECT_THROW(book.add<elsewhere::Inner>(schema), std::logic_error);
}

class MongoIds : public testing::Test {
 protected:
  ~MongoIds() override { write_mongo_ids(false); }

  const std::string id = "0190a6e0-0000-7000-8000-000000000001";
  const RoomId room = RoomId::parse(id).value();
};

TEST_F(MongoIds, AreAbsentUnlessTheyAreWanted) {
  EXPECT_EQ(write(Record{room, "a", std::nullopt}),
            R"({"id":")" + id + R"(","name":"a","parentId":null})");
}

TEST_F(MongoIds, StandBesideTheIdOfEachRecord) {
  write_mongo_ids(true);
  const Record record{room, "a", room};
  const std::string text =
      R"({"id":")" + id + R"(","_id":")" + id + R"(","name":"a","parentId":")" + id + R"("})";
  EXPECT_EQ(write(record), text);
  EXPECT_EQ(write(Holder{{record}, Json{{"id", id}}}),
            R"({"items":[)" + text + R"(],"given":{"id":")" + id + R"("}})");
}

TEST_F(MongoIds, AreNotOfWhatHasAnIdOfAnotherKind) {
  write_mongo_ids(true);
  EXPECT_EQ(write(Answer{"x", std::nullopt, {}, {}, {}}),
            R"({"id":"x","maybe":null,"kinds":[],"extra":null})");
}

}  // namespace binding_test
}  // namespace stoa
