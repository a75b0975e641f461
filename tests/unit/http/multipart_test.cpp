// Forms taken apart: as clients of all kinds send them, whatever the cuts, and what is no form.
#include "http/multipart.hpp"

#include "fixture.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http::test {
namespace {

constexpr std::size_t kMostParts = 10, kMostHead = 1024;

struct Part {
  PartHead head;
  std::string content;
};
struct Parsed {
  std::vector<Part> parts;
  std::string outcome;  // "done", "unfinished", or why it was refused
};

std::string reason_of(const Error& error) {
  const auto& details = error.details();
  return details.contains("reason") ? details.at("reason").get<std::string>()
                                    : "too many " + details.at("of").get<std::string>();
}

// In pieces of `step` bytes.
Parsed parse(std::string_view bytes, std::size_t step, std::string_view boundary = "b") {
  using Event = MultipartParser::Event;
  MultipartParser parser(boundary, kMostParts, kMostHead);
  Parsed parsed;
  std::size_t used = 0;
  try {
    for (std::size_t come = std::min(step, bytes.size());;) {
      const auto next = parser.next(bytes.substr(used, come - used));
      used += next.used;
      if (next.event == Event::done) parsed.outcome = "done";
      if (next.event == Event::part) parsed.parts.push_back({parser.head(), {}});
      if (next.event == Event::data) parsed.parts.back().content += next.data;
      if (!parsed.outcome.empty()) return parsed;
      if (next.event != Event::more || next.used > 0) continue;
      if (come == bytes.size()) parsed.outcome = "unfinished";
      come = std::min(come + step, bytes.size());
    }
  } catch (const Error& error) {
    parsed.outcome = reason_of(error);
  }
  return parsed;
}

std::string outcome(std::string_view bytes) {
  const auto whole = parse(bytes, bytes.size() + 1).outcome;
  EXPECT_EQ(parse(bytes, 1).outcome, whole) << bytes;
  return whole;
}

TEST(Multipart, TakesAFormApartWhateverTheCuts) {
  const std::string content = "\r\n--\r\n--c\r\n\r\r\n--\r\n-";
  const std::string form = "\r\n" + form_part("name=\"a\"", "1") + form_part("name=\"b\"", "") +
                           form_part("name=\"file\"; filename=\"f.bin\"", content) + "--b--\r\n";
  for (std::size_t step = 1; step <= form.size(); ++step) {
    const auto [parts, outcome] = parse(form, step);
    EXPECT_EQ(outcome, "done");
    ASSERT_EQ(parts.size(), 3U) << step;
    EXPECT_EQ(parts[0].head.name, "a");
    EXPECT_EQ(parts[0].content, "1");
    EXPECT_FALSE(parts[0].head.file_name);
    EXPECT_EQ(parts[1].content, "");
    EXPECT_EQ(parts[2].head.file_name, "f.bin");
    EXPECT_EQ(parts[2].content, content);
  }
}

struct FormClient {
  const char* name;
  const char* content_type;
  const char* boundary;
  const char* field;  // the head of its field
  const char*
      file;  // and of its file, which it was given as ü".txt where its format has a way to say so
  const char* file_name;
  const char* type;
};
class FormClientsTest : public ::testing::TestWithParam<FormClient> {};

TEST_P(FormClientsTest, AreUnderstood) {
  const auto& client = GetParam();
  const auto boundary = form_boundary(client.content_type);
  EXPECT_EQ(boundary, client.boundary);
  const std::string form = "--" + boundary + "\r\n" + client.field + "\r\n\r\n\xC3\xBC\r\n--" +
                           boundary + "\r\n" + client.file + "\r\n\r\nabc\r\n--" + boundary +
                           "--\r\n";
  for (const std::size_t step : {std::size_t{1}, form.size()}) {
    const auto [parts, outcome] = parse(form, step, boundary);
    EXPECT_EQ(outcome, "done");
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].head.name, "text");
    EXPECT_FALSE(parts[0].head.file_name);
    EXPECT_EQ(parts[0].content, "\xC3\xBC");
    EXPECT_EQ(parts[1].head.name, "file");
    EXPECT_EQ(parts[1].head.file_name, client.file_name);
    EXPECT_EQ(parts[1].head.type, client.type);
    EXPECT_EQ(parts[1].content, "abc");
  }
}

constexpr const char* kFieldHead = "Content-Disposition: form-data; name=\"text\"";
constexpr const char* kAnyName = "\xC3\xBC\".txt";
constexpr const char* kPlain = "text/plain";
constexpr const char* kBrowsersFile =
    "Content-Disposition: form-data; name=\"file\"; filename=\"\xC3\xBC%22.txt\"\r\n"
    "Content-Type: text/plain";

INSTANTIATE_TEST_SUITE_P(
    Multipart, FormClientsTest,
    ::testing::Values(
        FormClient{"ChromeAndSafari",
                   "multipart/form-data; boundary=----WebKitFormBoundaryVt2dqxZrgYkTWbBF",
                   "----WebKitFormBoundaryVt2dqxZrgYkTWbBF", kFieldHead, kBrowsersFile, kAnyName,
                   kPlain},
        FormClient{
            "Firefox",
            "multipart/form-data; boundary=---------------------------905191404154484336597275",
            "---------------------------905191404154484336597275", kFieldHead, kBrowsersFile,
            kAnyName, kPlain},
        FormClient{"NodeUndici", "multipart/form-data; boundary=----formdata-undici-034729103846",
                   "----formdata-undici-034729103846", kFieldHead, kBrowsersFile, kAnyName, kPlain},
        FormClient{"Curl", "multipart/form-data; boundary=------------------------d74496d66958873e",
                   "------------------------d74496d66958873e", kFieldHead, kBrowsersFile, kAnyName,
                   kPlain},
        FormClient{
            "CurlBefore7_81",
            "multipart/form-data; boundary=------------------------d74496d66958873e",
            "------------------------d74496d66958873e", kFieldHead,
            "Content-Disposition: form-data; name=\"file\"; filename=\"\xC3\xBC\\\".txt\"\r\n"
            "Content-Type: text/plain",
            kAnyName, kPlain},
        FormClient{"PythonRequests",
                   "multipart/form-data; boundary=0f5ab2e9a1c14f3a8e2b6b0c1d2e3f40",
                   "0f5ab2e9a1c14f3a8e2b6b0c1d2e3f40", kFieldHead,
                   "Content-Disposition: form-data; name=\"file\"; filename=\"\xC3\xBC%22.txt\"",
                   kAnyName, "application/octet-stream"},
        FormClient{"PythonUrllib3Before1_25",
                   "multipart/form-data; boundary=0f5ab2e9a1c14f3a8e2b6b0c1d2e3f40",
                   "0f5ab2e9a1c14f3a8e2b6b0c1d2e3f40", kFieldHead,
                   "Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%C3%BC%22.txt",
                   kAnyName, "application/octet-stream"},
        FormClient{"DotNet",
                   "multipart/form-data; boundary=\"2f0b1f9c-5a0e-4bb5-a2a0-5f6a1d3c9b7e\"",
                   "2f0b1f9c-5a0e-4bb5-a2a0-5f6a1d3c9b7e",
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Disposition: form-data; name=text",
                   "Content-Disposition: form-data; name=file; "
                   "filename=\"=?utf-8?B?w7wiLnR4dA==?=\"; filename*=utf-8''%C3%BC%22.txt",
                   kAnyName, "application/octet-stream"},
        FormClient{
            "ApacheHttpClient",
            "multipart/form-data; boundary=xRk0nQx-8FqE6pfA_2wLd3; "
            "charset=UTF-8",
            "xRk0nQx-8FqE6pfA_2wLd3",
            "Content-Disposition: form-data; name=\"text\"\r\n"
            "Content-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
            "Content-Type: Text/Plain; charset=UTF-8\r\nContent-Transfer-Encoding: binary",
            "a.txt", kPlain},
        FormClient{"JavaMail", "multipart/form-data; \tboundary=\"----=_Part_0_1 2'3.4\"",
                   "----=_Part_0_1 2'3.4", kFieldHead, kBrowsersFile, kAnyName, kPlain}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Multipart, BearsWhatIsAllowedAroundIt) {
  const std::string a = form_part("name=\"a\"", "1");
  for (const std::string& form : {
           a + "--b--",                                 // no line ends behind it
           "\r\n" + a + "--b--\r\n",                    // one ends before it
           "This is a form.\r\n" + a + "--b--\r\nBye",  // preamble and epilogue
           "--b \t\r\n" + a.substr(5) + "--b-- \r\n",   // padding
           std::string("--b--\r\n"),                    // nothing in it
           std::string("--b\r\ncontent-disposition: FORM-DATA;Name = a;\r\nX: y\r\n\r\n1\r\n--b--"),
       }) {
    EXPECT_EQ(outcome(form), "done") << form;
  }
}

TEST(Multipart, RefusesWhatIsNoForm) {
  const std::string a = form_part("name=\"a\"", "1");
  const std::string long_text(kMostHead + 1, 'x');
  const auto with_head = [](const std::string& head) {
    return "--b\r\n" + head + "\r\n\r\n1\r\n--b--";
  };
  const std::string named = "Content-Disposition: form-data; name=a";
  const std::vector<std::pair<std::string, std::string>> all = {
      {"", "unfinished"},
      {a, "unfinished"},
      {a + "--b", "unfinished"},
      {a + "--b-", "unfinished"},
      {long_text + "\r\n" + a, "start"},
      {a + "--bc\r\n", "delimiter"},
      {a + "--b-c\r\n", "delimiter"},
      {a + "--b\rx", "delimiter"},
      {"--b" + std::string(kMostHead + 1, ' '), "delimiter"},
      {"--b\n" + named + "\n\n1\n--b--\n", "delimiter"},  // as for formidable
      {with_head("\r\n1"), "headers"},
      {with_head(named + "\nX: y"), "headers"},
      {with_head(named + ";\r\n filename=x"), "headers"},
      {with_head("Content-Disposition : form-data; name=a"), "headers"},
      {with_head("Content-Disposition: attachment; name=a"), "headers"},
      {with_head("Content-Disposition: form-data; name=\"a"), "headers"},
      {with_head("Content-Disposition: form-data; name=\"a\"b"), "headers"},
      {with_head("Content-Disposition: form-data; name"), "headers"},
      {with_head("Content-Disposition: form-data; name=a; filename*=utf-8''%C3%B"), "headers"},
      {with_head("Content-Disposition: form-data; name=a; filename*=%C3%BC"), "headers"},
      {with_head("no field"), "headers"},
      {with_head("X: " + long_text), "too many headers"},
      {with_head("Content-Type: text/plain"), "name"},
      {with_head("Content-Disposition: form-data"), "name"},
      {with_head("Content-Disposition: form-data; name=a; name=b"), "name"},
      {with_head("Content-Disposition: form-data; name=\"\xFF\""), "name"},
      {with_head(named + "; filename=x; filename=y"), "name"},
      {with_head(named + "\r\n" + named), "name"},
      {with_head(named + "\r\nContent-Transfer-Encoding: base64"), "encoding"},
  };
  for (const auto& [bytes, why] : all) EXPECT_EQ(outcome(bytes), why) << bytes;
  std::string fields = named;
  for (int i = 0; i < 16; ++i) fields += "\r\nX: y";
  EXPECT_EQ(outcome(with_head(fields)), "headers");
  std::string parts;
  for (std::size_t i = 0; i < kMostParts; ++i) parts += a;
  EXPECT_EQ(outcome(parts + "--b--"), "done");
  EXPECT_EQ(outcome(parts + a + "--b--"), "too many parts");
}

// Clients decide how small the pieces are in which a form comes: work must not grow with their number. What was searched for
// an end once is given in again here with one in it, which would be found by whoever searched anew.
TEST(Multipart, SearchesNothingTwice) {
  using Event = MultipartParser::Event;
  const std::string long_text(kMostHead - 100, 'x');
  const std::string padding(kMostHead, ' ');
  const std::string named = "Content-Disposition: form-data; name=a";

  MultipartParser head("b", kMostParts, kMostHead);
  ASSERT_EQ(head.next("--b\r\n").used, 3U);
  ASSERT_EQ(head.next("\r\n").used, 2U);
  std::string come = named + "\r\nX: " + long_text;
  EXPECT_EQ(head.next(come).used, 0U);
  std::string other = come;
  other.replace(0, 4, "\r\n\r\n");
  EXPECT_EQ(head.next(other + "\r\n\r").used, 0U);
  EXPECT_EQ(head.next(come + "\r\n\r\n").event, Event::part);
  EXPECT_EQ(head.head().name, "a");

  MultipartParser line("b", kMostParts, kMostHead);
  ASSERT_EQ(line.next("--b").used, 3U);
  EXPECT_EQ(line.next(padding).used, 0U);
  EXPECT_EQ(line.next("  x" + padding.substr(3) + "\r").used, 0U);
  EXPECT_EQ(line.next(padding + "\r\n").used, padding.size() + 2);
  come = named + "\r\n\r\n";
  EXPECT_EQ(line.next(come).event, Event::part) << "the next search begins at its beginning";
}

// Of a file that was sent as the given parameter.
std::string file_name(std::string_view written) {
  const auto parsed =
      parse(form_part("name=\"file\"; " + std::string(written), "x") + "--b--", 999);
  if (parsed.outcome != "done") return parsed.outcome;
  return parsed.parts.at(0).head.file_name.value_or("(none)");
}

TEST(Multipart, ReadsTheNamesOfFiles) {
  EXPECT_EQ(file_name("filename=\"a b.pdf\""), "a b.pdf");
  EXPECT_EQ(file_name("filename=plain.pdf"), "plain.pdf");
  EXPECT_EQ(file_name("filename=\"a;b=c.pdf\""), "a;b=c.pdf");
  EXPECT_EQ(file_name("filename=\"100%.pdf\""), "100%.pdf");
  EXPECT_EQ(file_name("filename=\"a%0D%0Ab.pdf\""), "ab.pdf");
  EXPECT_EQ(file_name("filename=\"C:\\docs\\a.pdf\""), "a.pdf");
  EXPECT_EQ(file_name("filename=\"../../etc/passwd\""), "passwd");
  EXPECT_EQ(file_name("filename=\"..\""), "");
  EXPECT_EQ(file_name("filename=\"ends\\\""), "");  // the name is what stands behind the backslash
  EXPECT_EQ(file_name("filename=\"a\xE2\x80\xAE"
                      "fdp.exe\""),
            "afdp.exe");
  EXPECT_EQ(file_name("filename=\"\xEF\xBB\xBF\xC2\x85\xD8\x9C\xE2\x81\xA6x\""), "x");
  EXPECT_EQ(file_name("filename=\"a\xFF.pdf\""), "a.pdf");
  EXPECT_EQ(file_name("filename=\"\""), "");
  EXPECT_EQ(file_name("filename=\"" + std::string(254, 'a') + "\xC3\xBC\""), std::string(254, 'a'));
  EXPECT_EQ(file_name("filename=\"a\"; filename*=UTF-8'en'b%20c"), "b c");
  EXPECT_EQ(file_name("filename*=iso-8859-1''%FCb; filename=\"a\""),
            "\xC3\xBC"
            "b");
  // What cannot be read does not count.
  EXPECT_EQ(file_name("filename=\"a\"; filename*=UTF-8''%zz"), "a");
  EXPECT_EQ(file_name("filename=\"a\"; filename*=UTF-8''%FF"), "a");
  EXPECT_EQ(file_name("filename=\"a\"; filename*=utf-16''b"), "a");
}

TEST(Multipart, TakesTypesThatAreOnes) {
  const auto type = [](const std::string& written) {
    const auto form = "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: " + written +
                      "\r\n\r\n1\r\n--b--";
    return parse(form, 999).parts.at(0).head.type;
  };
  EXPECT_EQ(type("Image/SVG+XML; charset=utf-8"), "image/svg+xml");
  for (const char* wrong :
       {"", "text", "text/", "/plain", "text/a b", "text/a/b", "text/\xC3\xBC"}) {
    EXPECT_EQ(type(wrong), "application/octet-stream") << wrong;
  }
}

TEST(Multipart, WantsABoundary) {
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
  for (const std::string& bad :
       {std::string(), std::string("; boundary="), std::string("; boundary=\"\""),
        std::string("; boundary=\"a \""), std::string("; boundary=\"a\tb\""),
        std::string("; boundary=a; boundary=b"), "; boundary=" + std::string(71, 'a')}) {
    try {
      form_boundary("multipart/form-data" + bad);
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_form);
      EXPECT_EQ(reason_of(error), "boundary");
    }
  }
  for (const std::optional<std::string_view> other :
       {std::optional<std::string_view>(),
        std::optional<std::string_view>("multipart/mixed; boundary=x"),
        std::optional<std::string_view>("application/json")}) {
    try {
      form_boundary(other);
      ADD_FAILURE() << other.value_or("none");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::unsupported_media_type);
    }
  }
}

}  // namespace
}  // namespace stoa::http::test
