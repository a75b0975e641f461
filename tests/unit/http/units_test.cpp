#include "fixture.hpp"
#include "http/chars.hpp"
#include "http/framing.hpp"
#include "http/gzip.hpp"
#include "http/media_type.hpp"
#include "http/target.hpp"
#include "http/wire.hpp"

#include <stoa/core/json.hpp>
#include <stoa/http/openapi.hpp>
#include <stoa/http/router.hpp>

#include <gtest/gtest.h>
#include <zlib.h>

namespace stoa::http::test {
namespace {

using namespace std::chrono_literals;

constexpr HeadLimits kLimits{16 * 1024, 100};

struct Pages {
  Task<Response> show(const Request*) { co_return Response::empty(); }
  Task<> change(Caller) { co_return; }
};

Route row(Pages& pages, Method method, std::string_view path) {
  return {method, path, Who::anyone, Limit::none, "", endpoint<&Pages::show>(pages)};
}

TEST(Router, PrefersLiteralsAndGoesBackWhereTheyEnd) {
  Pages pages;
  const Router router({{row(pages, Method::get, "/a/{x}/c"), row(pages, Method::get, "/a/b/d"),
                        row(pages, Method::get, "/a/{y}"), row(pages, Method::get, "/")}});
  EXPECT_EQ(router.find(Method::get, "/a/b/d").row->route.path, "/a/b/d");
  const auto back = router.find(Method::get, "/a/b/c");
  ASSERT_NE(back.row, nullptr);
  EXPECT_EQ(back.row->route.path, "/a/{x}/c");
  EXPECT_EQ(back.values, std::vector<std::string_view>{"b"});
  EXPECT_EQ(router.find(Method::get, "/a/z").row->params, std::vector<std::string_view>{"y"});
  EXPECT_EQ(router.find(Method::head, "/").row->route.path, "/");
  EXPECT_EQ(router.find(Method::get, "/a").row, nullptr);
  EXPECT_EQ(router.find(Method::get, "/a").allowed, "");
}

TEST(Router, FindsTheMethodOnAnotherRowThatFits) {
  Pages pages;
  const Router router({{row(pages, Method::get, "/a/me"), row(pages, Method::put, "/a/{id}")}});
  EXPECT_EQ(router.find(Method::put, "/a/me").row->route.path, "/a/{id}");
  EXPECT_EQ(router.find(Method::post, "/a/me").allowed, "GET, HEAD, PUT, OPTIONS");
}

TEST(Router, RefusesRowsThatCannotBeMeant) {
  Pages pages;
  const auto refused = [&](Routes rows) {
    try {
      const Router router({std::move(rows)});
      return false;
    } catch (const std::logic_error&) {
      return true;
    }
  };
  EXPECT_TRUE(refused({row(pages, Method::get, "/a"), row(pages, Method::get, "/a")}));
  EXPECT_TRUE(refused({row(pages, Method::get, "/{a}"), row(pages, Method::get, "/{b}")}));
  EXPECT_TRUE(refused({row(pages, Method::get, "/{a}/{a}")}));
  EXPECT_TRUE(refused({row(pages, Method::get, "a")}));
  EXPECT_TRUE(refused({row(pages, Method::get, "/a/")}));
  EXPECT_TRUE(refused({row(pages, Method::get, "/a b")}));
  EXPECT_TRUE(refused({row(pages, Method::get, "/a{b}")}));
  EXPECT_TRUE(refused({row(pages, Method::head, "/a")}));
  EXPECT_TRUE(refused(
      {{Method::post, "/a", Who::anyone, Limit::none, "", endpoint<&Pages::change>(pages)}}));
  EXPECT_TRUE(refused({{Method::post, "/a", Who::signed_in, Limit::none, "", nullptr}}));
  EXPECT_FALSE(refused(
      {{Method::post, "/a", Who::signed_in, Limit::none, "", endpoint<&Pages::change>(pages)}}));
}

TEST(MediaType, ReadsAcceptEncoding) {
  for (const char* yes : {"gzip", "GZIP", "br, gzip", "gzip;q=0.5", "*", "br;q=1, *;q=0.1",
                          "x-gzip", "gzip ; q=1.000"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no :
       {"", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "identity"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(MediaType, KnowsWhoAsksForAPage) {
  for (const char* yes :
       {"text/html", "Text/HTML;q=0.5", "application/xml, text/html, */*;q=0.8"}) {
    EXPECT_TRUE(asks_for_page(yes)) << yes;
  }
  for (const char* no : {"", "*/*", "text/*", "text/html;q=0", "text/htmlx", "application/json"}) {
    EXPECT_FALSE(asks_for_page(no)) << no;
  }
}

TEST(MediaType, KnowsJson) {
  for (const char* yes : {"application/json", "Application/JSON; charset=utf-8",
                          "application/json;charset=\"UTF-8\"", "application/problem+json",
                          "application/vnd.api+json; charset=utf-8", "Application/LD+JSON"}) {
    EXPECT_TRUE(is_json(yes)) << yes;
  }
  for (const char* no :
       {"", "text/json", "application/json; charset=latin1", "application/jsonp",
        "text/plain; a=application/json", "application/+json", "+json", "a/b/c+json",
        "application/x+jsonp", "application/vnd.api+json; charset=latin1"}) {
    EXPECT_FALSE(is_json(no)) << no;
  }
}

TEST(MediaType, ComparesEntityTags) {
  EXPECT_TRUE(matches_etag("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(matches_etag("*", "\"b\""));
  EXPECT_FALSE(matches_etag("\"a\"", "\"b\""));
  EXPECT_FALSE(matches_etag("b", "\"b\""));
}

TEST(Target, DecodesPathAndQuery) {
  const auto target = parse_target("/a%20b/%C3%A9?x=1&y=a+b%2B&z&=e&&w=%3D=");
  EXPECT_EQ(target.path, "/a b/é");
  const auto query = parse_query(target.query);
  ASSERT_EQ(query.size(), 5U);
  EXPECT_EQ(query[1].second, "a b+");
  EXPECT_EQ(query[2].second, "");
  EXPECT_EQ(query[4].second, "==");
  EXPECT_EQ(parse_target("http://host:80/a?b=c").path, "/a");
  EXPECT_EQ(parse_target("http://host").path, "/");
  EXPECT_EQ(parse_target("/?a=b").path, "/");
  EXPECT_TRUE(parse_target("/a/").trailing_slash);
  EXPECT_THROW(parse_target("http:///a"), Error);
  std::string many;
  for (std::size_t i = 0; i <= kMaxQueryParameters; ++i) many += "a" + std::to_string(i) + "=&";
  EXPECT_THROW(parse_query(many), Error);
}

TEST(Framing, FindsTheEndWhereverTheBytesAreCut) {
  const std::string block = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
  for (std::size_t cut = 0; cut < block.size(); ++cut) {
    std::size_t from = 0;
    const auto first = find_head_end(block.substr(0, cut), from, kLimits);
    EXPECT_EQ(first.size, 0U);
    EXPECT_FALSE(first.refusal);
    const auto whole = find_head_end(block + "next", from, kLimits);
    EXPECT_EQ(whole.size, block.size());
  }
}

TEST(Framing, ReadsFieldsInLowerCaseWithoutOuterSpace) {
  Head head;
  Headers headers;
  const std::string block =
      "POST /a HTTP/1.1\r\nHOST: t\r\nX-A:\t b c \t\r\nContent-Length: 12\r\n"
      "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
  ASSERT_FALSE(read_head(block, kLimits, head, headers));
  EXPECT_EQ(head.target, "/a");
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_TRUE(head.upgrade);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(headers.find("x-a"), "b c");
  EXPECT_EQ(headers.find("host"), "t");
}

TEST(Framing, EndsTheConnectionWhereverCloseStands) {
  for (const char* options :
       {"close", "close, keep-alive", "keep-alive, close", "keep-alive\r\nConnection: close",
        "close\r\nConnection: keep-alive"}) {
    Head head;
    Headers headers;
    const auto block =
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: " + std::string(options) + "\r\n\r\n";
    EXPECT_FALSE(read_head(block, kLimits, head, headers));
    EXPECT_FALSE(head.keep_alive) << options;
  }
}

TEST(Framing, JudgesEachByteOfAFieldValueWhereverItStands) {
  const auto allowed = [](unsigned byte) { return (byte >= 0x20 && byte != 0x7F) || byte == '\t'; };
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 17; ++at) {
      for (const char others : {'a', '\t', '\xFF'}) {
        std::string value(17, others);
        value[at] = static_cast<char>(byte);
        EXPECT_EQ(is_field_value(value), allowed(byte)) << byte << " at " << at;
      }
    }
  }
}

TEST(Framing, JudgesEachByteOfATargetWhereverItStands) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool visible = byte > 0x20 && byte != 0x7F && byte != '#';
    for (std::size_t at = 1; at < 17; ++at) {
      std::string path(17, 'a');
      path[0] = '/';
      path[at] = static_cast<char>(byte);
      const std::string query = "/?" + path;
      EXPECT_EQ(is_target(path), visible && (byte < 0x80 || byte == '?')) << byte << " at " << at;
      EXPECT_EQ(is_target(query), visible) << byte << " at " << at;
    }
  }
}

TEST(Framing, TakesTokensAloneForFieldNames) {
  for (unsigned byte = 1; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::string line = std::string("X") + c + "a: b";
    if (c == ':' || c == '\r' || c == '\n') continue;
    Head head;
    Headers headers;
    const bool refused =
        read_head("GET / HTTP/1.1\r\nHost: t\r\n" + line + "\r\n\r\n", kLimits, head, headers)
            .has_value();
    const bool token = is_token(std::string_view(&c, 1));
    EXPECT_EQ(refused, !token) << byte;
    if (!token) continue;
    EXPECT_EQ(headers.find(std::string("x") + lower(c) + "a"), "b") << byte;
  }
}

TEST(Target, RefusesWhatASegmentMayNotHoldWhereverItStands) {
  const auto refused = [](const std::string& path) {
    try {
      parse_target(path);
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  for (std::size_t at = 0; at < 17; ++at) {
    for (const char* piece : {"\\", "%2F", "%5C", "%01", "%1F", "%7F", "%00"}) {
      std::string path = "/" + std::string(17, 'a');
      path.replace(1 + at, 1, piece);
      EXPECT_TRUE(refused(path)) << path;
    }
    for (const char* piece : {"%20", "%C3%A9", "%25", "b"}) {
      std::string path = "/" + std::string(17, 'a');
      path.replace(1 + at, 1, piece);
      EXPECT_FALSE(refused(path)) << path;
    }
  }
}

TEST(Gzip, ComesBackTheSame) {
  const std::string text(10'000, 'x');
  const std::string packed = gzip(text, 5);
  std::string out(text.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(out, text);
}

TEST(Wire, KeepsAValueOnItsLine) {
  Response response;
  response.headers.add("x-a", "b\r\nSet-Cookie: c");
  std::string out;
  append_response_head(out, response, Framing{});
  EXPECT_EQ(out.find("\r\nSet-Cookie"), std::string::npos);
}

TEST(Headers, ReplacesAllOfAName) {
  Headers headers;
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("a", "3");
  headers.set("a", "4");
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.find("a"), "4");
  EXPECT_EQ(headers[1].second, "2");
}

TEST(OpenApi, SplitsTheInputAsItIsRead) {
  Notes notes;
  const auto document =
      Json::parse(openapi_document({notes_routes(notes)}, common_codes(), {"T", "1", "http://t"}));
  const auto& create = document.at("paths").at("/api/rooms/{room}/notes").at("post");
  ASSERT_EQ(create.at("parameters").size(), 2U);
  EXPECT_EQ(create.at("parameters")[0].at("in"), "path");
  EXPECT_EQ(create.at("parameters")[0].at("schema").at("format"), "uuid");
  const auto& body = create.at("requestBody").at("content").at("application/json").at("schema");
  EXPECT_TRUE(body.at("properties").contains("text"));
  EXPECT_FALSE(body.at("properties").contains("room"));
  EXPECT_TRUE(create.at("responses").contains("201"));
  const auto& list = document.at("paths").at("/api/notes").at("get").at("parameters");
  EXPECT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("in"), "query");
  EXPECT_TRUE(document.at("paths").at("/api/notes").at("delete").at("responses").contains("204"));
}

}  // namespace
}  // namespace stoa::http::test
