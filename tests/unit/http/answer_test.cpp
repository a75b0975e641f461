// Answers that are read from a source, and which part of one a request gets.
#include "fixture.hpp"
#include "http/selection.hpp"

#include <stoa/core/json.hpp>
#include <stoa/http/source.hpp>

namespace stoa::http::test {
namespace {

using namespace std::chrono_literals;

std::string film(std::uint64_t first, std::uint64_t count) {
  std::string bytes;
  for (std::uint64_t i = 0; i < count; ++i) bytes += film_byte(first + i);
  return bytes;
}

class SourceTest : public OneClientTest {};

TEST_F(SourceTest, IsSentWhole) {
  const auto answer = client().get("/api/film?size=300000");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, film(0, 300'000));
  EXPECT_EQ(answer.header("content-type"), "video/mp4");
  EXPECT_EQ(answer.header("accept-ranges"), "bytes");
  EXPECT_EQ(answer.header("etag"), "\"film\"");
  EXPECT_EQ(answer.header("last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(answer.header("content-range"), "");
  EXPECT_EQ(client().get("/api/film?size=0").body, "");
  EXPECT_EQ(client().get("/api/echo").status, 200);
}

TEST_F(SourceTest, TellsItsSizeToHead) {
  client().send("HEAD /api/film?size=300000 HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto answer = client().read_answer(true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("content-length"), "300000");
  EXPECT_EQ(client().get("/api/echo").status, 200);
}

TEST_F(SourceTest, GoesOutInChunksWhereItsSizeIsUnknown) {
  client().send("GET /api/live?size=1005 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  const auto all = client().read_all();
  EXPECT_NE(all.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(all.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n3e8\r\n" + film(0, 1000) + "\r\n5\r\n" + film(1000, 5) +
                            "\r\n0\r\n\r\n"))
      << all;
  RawClient old(port());
  old.send("GET /api/live?size=1005 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto ended = old.read_all();
  EXPECT_NE(ended.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(ended.ends_with("\r\n\r\n" + film(0, 1005)));
  RawClient ranged(port());
  ranged.send(
      "GET /api/live?size=5 HTTP/1.1\r\nHost: t\r\nRange: bytes=0-1\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_TRUE(ranged.read_all().starts_with("HTTP/1.1 200 "));
}

// A client must not take what it has for all there is.
TEST_F(SourceTest, IsCutShortWhereItFails) {
  client().send("GET /api/film?size=5000&failsAt=2000 HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_TRUE(client().read_all().ends_with("\r\n\r\n" + film(0, 2000)));
  RawClient chunked(port());
  chunked.send("GET /api/live?size=5000&failsAt=2000 HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_FALSE(chunked.read_all().ends_with("0\r\n\r\n"));
}

TEST_F(ServerTest, ReadsNoMoreOfASourceAtOnceThanConfigured) {
  config.http.piece_bytes = {500};
  start();
  RawClient client(port());
  client.send("GET /api/live?size=1005 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  const auto all = client.read_all();
  EXPECT_TRUE(all.ends_with("\r\n\r\n1f4\r\n" + film(0, 500) + "\r\n1f4\r\n" + film(500, 500) +
                            "\r\n5\r\n" + film(1000, 5) + "\r\n0\r\n\r\n"))
      << all;
}

struct Asked {
  const char* name;
  std::string fields;
  int status;
  std::uint64_t first, count;
  std::string range;
};
class RangeTest : public ServerTest, public ::testing::WithParamInterface<Asked> {};

TEST_P(RangeTest, IsAnswered) {
  start();
  RawClient client(port());
  const auto& asked = GetParam();
  const auto answer = client.get("/api/film?size=5000", asked.fields);
  EXPECT_EQ(answer.status, asked.status);
  EXPECT_EQ(answer.header("content-range"), asked.range);
  if (asked.status < 300) {
    EXPECT_EQ(answer.body, film(asked.first, asked.count));
  }
  if (asked.status < 400) {
    EXPECT_EQ(answer.header("etag"), "\"film\"");
  }
  EXPECT_EQ(client.get("/api/echo").status, 200);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, RangeTest,
    ::testing::Values(
        Asked{"First", "Range: bytes=0-0\r\n", 206, 0, 1, "bytes 0-0/5000"},
        Asked{"Middle", "Range: bytes=1000-2999\r\n", 206, 1000, 2000, "bytes 1000-2999/5000"},
        Asked{"OpenEnd", "Range: bytes=4990-\r\n", 206, 4990, 10, "bytes 4990-4999/5000"},
        Asked{"BeyondTheEnd", "Range: bytes=4990-9999\r\n", 206, 4990, 10, "bytes 4990-4999/5000"},
        Asked{"Last", "Range: bytes=-10\r\n", 206, 4990, 10, "bytes 4990-4999/5000"},
        Asked{"LongSuffix", "Range: bytes=-9999\r\n", 206, 0, 5000, "bytes 0-4999/5000"},
        Asked{"AllOfIt", "Range: bytes=0-\r\n", 206, 0, 5000, "bytes 0-4999/5000"},
        Asked{"UnitInCapitals", "Range: Bytes=0-0\r\n", 206, 0, 1, "bytes 0-0/5000"},
        Asked{"BehindTheEnd", "Range: bytes=5000-\r\n", 416, 0, 0, "bytes */5000"},
        Asked{"NoSuffix", "Range: bytes=-0\r\n", 416, 0, 0, "bytes */5000"},
        Asked{"Backwards", "Range: bytes=5-4\r\n", 200, 0, 5000, ""},
        Asked{"Several", "Range: bytes=0-0,2-2\r\n", 200, 0, 5000, ""},
        Asked{"OtherUnit", "Range: seconds=0-1\r\n", 200, 0, 5000, ""},
        Asked{"Nonsense", "Range: bytes=a-b\r\n", 200, 0, 5000, ""},
        Asked{"Signed", "Range: bytes=+1-2\r\n", 200, 0, 5000, ""},
        Asked{"Overflow", "Range: bytes=0-99999999999999999999\r\n", 200, 0, 5000, ""},
        Asked{"IfItIsStillThat", "Range: bytes=0-0\r\nIf-Range: \"film\"\r\n", 206, 0, 1,
              "bytes 0-0/5000"},
        Asked{"IfItWereAnother", "Range: bytes=0-0\r\nIf-Range: \"other\"\r\n", 200, 0, 5000, ""},
        Asked{"IfItIsWeaklyThat", "Range: bytes=0-0\r\nIf-Range: W/\"film\"\r\n", 200, 0, 5000, ""},
        Asked{"IfItIsOfThatDate", "Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
              200, 0, 5000, ""},
        Asked{"IfNoneMatch", "If-None-Match: \"other\", W/\"film\"\r\nRange: bytes=0-0\r\n", 304, 0,
              0, ""},
        Asked{"IfNoneMatchOthers", "If-None-Match: \"other\"\r\n", 200, 0, 5000, ""},
        Asked{"IfNoneMatchAny", "If-None-Match: *\r\n", 304, 0, 0, ""},
        Asked{"TagBeforeDate",
              "If-None-Match: \"other\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
              200, 0, 5000, ""},
        Asked{"IfModifiedSince", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304, 0, 0,
              ""},
        Asked{"IfModifiedSinceBefore", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200,
              0, 5000, ""},
        Asked{"IfModifiedSinceNonsense", "If-Modified-Since: yesterday\r\n", 200, 0, 5000, ""},
        Asked{"IfMatch", "If-Match: \"film\"\r\nRange: bytes=0-0\r\n", 206, 0, 1, "bytes 0-0/5000"},
        Asked{"IfMatchWeakly", "If-Match: W/\"film\"\r\n", 412, 0, 0, ""},
        Asked{"IfMatchOthers", "If-Match: \"other\"\r\n", 412, 0, 0, ""},
        Asked{"IfUnmodifiedSince", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 412, 0,
              0, ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Ranges, AreIgnoredOfAnEmptyFile) {
  EXPECT_FALSE(read_range("bytes=0-", 0));
  EXPECT_FALSE(read_range("bytes=-5", 0));
}

TEST(Ranges, NeverLeaveTheFile) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const auto part = read_range("bytes=0-" + std::to_string(kMost), 10);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->count, 10U);
  EXPECT_EQ(read_range("bytes=" + std::to_string(kMost) + "-", 10).value_or(Part{1, 1}).count, 0U);
}

TEST(HttpDate, IsReadInTheFormThatIsSent) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Timestamp(Seconds(784111777)));
  for (const char* other : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49:37 UTC"}) {
    EXPECT_FALSE(parse_http_date(other)) << other;
  }
}

TEST_F(SourceTest, LeavesEmbeddedFilesInPartsToo) {
  // The server reads them until the fixture stops it, as it does those that are part of the binary.
  static const std::string page(2000, 'p');
  static const std::array<Asset, 1> assets = {Asset{"/index.html", page}};
  extras.assets = {assets};
  const auto part = client().get("/", "Range: bytes=10-19\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, std::string(10, 'p'));
  EXPECT_EQ(part.header("content-range"), "bytes 10-19/2000");
}

TEST(ContentDisposition, TakesAnyName) {
  const auto attachment = [](std::string_view name) {
    return content_disposition(Disposition::attachment, name);
  };
  EXPECT_EQ(attachment("notes.pdf"), "attachment; filename=\"notes.pdf\"");
  EXPECT_EQ(content_disposition(Disposition::inline_, "a b.pdf"), "inline; filename=\"a b.pdf\"");
  EXPECT_EQ(attachment("\xc3\xbc"
                       "bung.pdf"),
            "attachment; filename=\"_bung.pdf\"; filename*=UTF-8''%C3%BCbung.pdf");
  EXPECT_EQ(attachment("../../etc/passwd"), "attachment; filename=\"passwd\"");
  EXPECT_EQ(attachment("C:\\evil.exe"), "attachment; filename=\"evil.exe\"");
  EXPECT_EQ(attachment("a\"b\r\nSet-Cookie: x"),
            "attachment; filename=\"a_bSet-Cookie: x\"; "
            "filename*=UTF-8''a%22bSet-Cookie%3A%20x");
  EXPECT_EQ(attachment("100%41.pdf"),
            "attachment; filename=\"100_41.pdf\"; filename*=UTF-8''100%2541.pdf");
  for (const char* nothing : {"", ".", "..", "/", "\xff", "\n"}) {
    EXPECT_EQ(attachment(nothing), "attachment; filename=\"file\"");
  }
}

}  // namespace
}  // namespace stoa::http::test
