// Every type that a statement takes and returns, there and back through a real server.
#include "support.hpp"

#include <stoa/core/json.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace stoa::pg::test {

enum class Colour { red, green_ };
BOOST_DESCRIBE_ENUM(Colour, red, green_)

struct Everything {
  std::string text;
  bool yes = false;
  std::int16_t small = 0;
  std::int64_t big = 0;
  double real = 0;
  Uuid uuid;
  RoomId room;
  Timestamp when;
  Colour colour = Colour::red;
  Json json;
  Text<1, 10> name;
  Bounded<int, 1, 9> digit;
  std::vector<std::string> texts;
  std::vector<std::int64_t> numbers;
  std::vector<std::optional<std::string>> holes;
  std::optional<std::string> nothing;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (text, yes, small, big, real, uuid, room, when, colour, json, name, digit,
                       texts, numbers, holes, nothing))

struct Two {
  int a = 0;
  std::optional<int> b;
};
BOOST_DESCRIBE_STRUCT(Two, (), (a, b))

class Values : public testing::Test {
 protected:
  template <class Row, class... Args>
  Row one(std::string sql, Args... args) {
    return db.run_blocking([=](Tx& tx) { return tx.get<Row>(sql, args...); }, Mode::autocommit);
  }

  Schema schema;
  Database db{schema.options()};
};

TEST_F(Values, EveryTypeComesBackAsItWent) {
  Everything in;
  in.text = "snow ☃ 'quoted' \"double\" \\ back\nline";
  in.yes = true;
  in.small = std::numeric_limits<std::int16_t>::min();
  in.big = std::numeric_limits<std::int64_t>::max();
  in.real = 0.1;
  in.uuid = Uuid::v7();
  in.room = RoomId::make();
  in.when = *parse_timestamp("2026-01-15T10:30:00.123456Z");
  in.colour = Colour::green_;
  in.json = {{"a", {1, 2.5, nullptr, "ü"}}};
  in.name.value = "Ada";
  in.digit.value = 7;
  in.texts = {"", "a,b", "quote \" here", "back \\ slash", "{brace}", "NULL", " space ", "ü☃"};
  in.numbers = {std::numeric_limits<std::int64_t>::min(), 0, 42};
  in.holes = {"x", std::nullopt, "null"};
  const auto out = db.run_blocking([in](Tx& tx) {
    return tx.get<Everything>(
        "select $1::text, $2::boolean, $3::smallint, $4::bigint, $5::double precision, $6::uuid, "
        "$7::uuid, $8::timestamptz, $9::text, $10::jsonb, $11::text, $12::integer, $13::text[], "
        "$14::bigint[], $15::text[], $16::text",
        in.text, in.yes, in.small, in.big, in.real, in.uuid, in.room, in.when, in.colour, in.json,
        in.name, in.digit, in.texts, in.numbers, in.holes, in.nothing);
  });
  EXPECT_EQ(out.text, in.text);
  EXPECT_EQ(out.yes, in.yes);
  EXPECT_EQ(out.small, in.small);
  EXPECT_EQ(out.big, in.big);
  EXPECT_EQ(out.real, in.real);
  EXPECT_EQ(out.uuid, in.uuid);
  EXPECT_EQ(out.room, in.room);
  EXPECT_EQ(out.when, in.when);
  EXPECT_EQ(out.colour, in.colour);
  EXPECT_EQ(out.json, in.json);
  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.digit.value, in.digit.value);
  EXPECT_EQ(out.texts, in.texts);
  EXPECT_EQ(out.numbers, in.numbers);
  EXPECT_EQ(out.holes, in.holes);
  EXPECT_EQ(out.nothing, std::nullopt);
}

TEST_F(Values, TimesOfAnyYear) {
  for (const auto* text : {"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z",
                           "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"}) {
    const auto when = parse_timestamp(text);
    ASSERT_TRUE(when) << text;
    EXPECT_EQ(one<Timestamp>("select $1::timestamptz", *when), *when) << text;
  }
}

TEST_F(Values, NumbersThatAreNone) {
  EXPECT_TRUE(std::isnan(one<double>("select 'NaN'::float8")));
  EXPECT_EQ(one<double>("select '-Infinity'::float8"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(one<double>("select $1::float8", 5e-324), 5e-324);
}

TEST_F(Values, NullIsAnEmptyOptional) {
  EXPECT_EQ(one<std::optional<int>>("select null::integer"), std::nullopt);
  EXPECT_TRUE(one<bool>("select $1::text is null", std::optional<std::string>()));
  EXPECT_TRUE(one<bool>("select $1::text is null", std::nullopt));
  EXPECT_TRUE(one<bool>("select $1::text is null", Patch<std::string>{}));
  EXPECT_TRUE(one<bool>("select $1::text = ''", std::optional<std::string>("")));
}

TEST_F(Values, NullWhereNoneMayBeIsAMistake) {
  EXPECT_THROW(one<int>("select null::integer"), std::runtime_error);
  EXPECT_THROW(one<std::vector<int>>("select '{1,NULL}'::integer[]"), std::runtime_error);
}

TEST_F(Values, EmptyArrays) {
  EXPECT_EQ(one<std::vector<int>>("select $1::integer[]", std::vector<int>()), std::vector<int>());
  EXPECT_EQ(one<std::int64_t>("select count(*) from unnest($1::uuid[])", std::vector<RoomId>()), 0);
  EXPECT_TRUE(one<bool>("select $1 = any($2::uuid[])", Uuid{}, std::vector<Uuid>{Uuid{}}));
}

TEST_F(Values, TextsInArraysPassAsTheyAre) {
  const std::vector<std::optional<std::string>> texts{"",
                                                      "NULL",
                                                      std::nullopt,
                                                      "a,b",
                                                      "{\"q\": \"\\\\\"}",
                                                      "\xC3\xA9\n",
                                                      std::string(100'000, '"')};
  EXPECT_EQ(one<std::vector<std::optional<std::string>>>("select $1::text[]", texts), texts);
  EXPECT_EQ(one<std::vector<Colour>>("select $1::text[]", std::vector{Colour::green_, Colour::red}),
            (std::vector{Colour::green_, Colour::red}));
  const std::vector<Text<0, 9>> fields{{"a,b"}, {""}};
  EXPECT_EQ((one<std::vector<Text<0, 9>>>("select $1::text[]", fields)), fields);
  const std::vector<std::optional<Uuid>> ids{Uuid::v7(), std::nullopt, Uuid::v7()};
  EXPECT_EQ(one<std::vector<std::optional<Uuid>>>("select $1::uuid[]", ids), ids);
}

TEST_F(Values, ArraysThatWeDoNotReadAreRefused) {
  for (const auto* text :
       {"", "{", "}", "{1,}", "{,1}", "{\"a}", "{{1},{2}}", "{a\"b}", "[0:1]={1,2}"}) {
    EXPECT_THROW(split_array(text), std::runtime_error) << text;
  }
}

TEST_F(Values, ColumnsMustFitTheRow) {
  EXPECT_THROW(one<Two>("select 1"), std::logic_error);
  EXPECT_THROW(one<Two>("select 1, 2, 3"), std::logic_error);
}

TEST_F(Values, ValuesOutOfTheirTypesRange) {
  EXPECT_THROW(one<std::int16_t>("select 70000"), std::runtime_error);
  EXPECT_THROW(one<Colour>("select 'blue'"), std::runtime_error);
  EXPECT_THROW(one<Uuid>("select 'no uuid'"), std::runtime_error);
}

TEST_F(Values, NulInATextIsRefusedRatherThanCutOff) {
  const std::string text("a\0b", 3);
  EXPECT_THROW(one<std::string>("select $1::text", text), QueryFailure);
  EXPECT_THROW(one<std::int64_t>("select cardinality($1::text[])", std::vector{text}),
               QueryFailure);
}

TEST(QueryValues, PiecesOfSqlAreJoinedByTheCompiler) {
  static constexpr char kColumns[] = "id, name";
  static constexpr auto kFind = sql("select ", kColumns, " from rooms where id = $1");
  const auto find = query<std::optional<int>>(kFind, 5);
  EXPECT_EQ(std::string_view(find.sql), "select id, name from rooms where id = $1");
  EXPECT_EQ(std::string(find.sql.c_str()), std::string_view(find.sql));
}

TEST(QueryValues, ParametersAreText) {
  const Params params(1, std::nullopt, std::optional<int>(), std::optional<int>(7), "x", true);
  ASSERT_EQ(params.size(), 6U);
  EXPECT_STREQ(params.c_str(0), "1");
  EXPECT_TRUE(params.is_null(1));
  EXPECT_EQ(params.c_str(2), nullptr);
  EXPECT_EQ(params.at(3), "7");
  EXPECT_EQ(params.at(4), "x");
  EXPECT_STREQ(params.c_str(5), "t");
}

TEST(QueryValues, WhatChangesSomethingCountsAsWriting) {
  EXPECT_FALSE(query<int>("select 1").writes);
  EXPECT_FALSE(query<int>("\n  (SELECT 1)").writes);
  EXPECT_TRUE(query<int>("with gone as (delete from rooms returning 1) select 1").writes);
  EXPECT_TRUE(query<int>("insert into rooms values (1) returning id").writes);
  EXPECT_TRUE(query<int>("select nextval('s')").writing().writes);
  EXPECT_TRUE(query<Count>("select 1").writes);
}

TEST_F(Values, SessionIsInUtcAndUtf8) {
  EXPECT_EQ(one<std::string>("show TimeZone"), "UTC");
  EXPECT_EQ(one<std::string>("show client_encoding"), "UTF8");
  EXPECT_EQ(one<std::string>("show application_name"), "stoa");
  EXPECT_EQ(one<std::string>("show statement_timeout"), "5s");
}

}  // namespace stoa::pg::test
