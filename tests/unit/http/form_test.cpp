// Rows that take a form: the fields as the described struct, then the file as it comes.
#include "fixture.hpp"

#include <stoa/core/json.hpp>
#include <stoa/http/openapi.hpp>

#include <chrono>
#include <cstdio>

namespace stoa::http::test {
namespace {

using namespace std::chrono_literals;

const std::string kHome = "01890a5d-ac96-774b-bcce-b302099a8057";
const std::string kFiles = "POST /api/rooms/" + kHome + "/files";
const std::string kForm = "Content-Type: multipart/form-data; boundary=b\r\n";

const std::string kTextField = form_part("name=\"text\"", "hello");
const std::string kFile = form_part("name=\"file\"; filename=\"a.txt\"", "abc");
const std::string kNoFile = form_part("name=\"file\"; filename=\"\"", "");

std::string form_head(std::string_view row, std::string_view fields) {
  std::string text(row);
  text.append(" HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer learner\r\n");
  return text.append(fields).append("\r\n");
}

class FormTest : public OneClientTest {
 protected:
  Answer send(const std::string& form, std::string_view row = kFiles) {
    const std::string length = "Content-Length: " + std::to_string(form.size()) + "\r\n";
    client().send(form_head(row, kForm + length) + form);
    return client().read_answer().value_or(Answer{});
  }
  // Of a form that is taken: what the handler says, but for the room.
  std::string text(const std::string& form, std::string_view row = kFiles) {
    const auto answer = send(form, row);
    const auto said = Json::parse(answer.body);
    if (!said.contains("text")) return answer.body;
    auto text = said.at("text").get<std::string>();
    const auto room = text.find(" in " + kHome);
    return room == std::string::npos ? text : text.erase(room, 4 + kHome.size());
  }
  // Of one that is not: status, code and reason.
  std::string refusal(const std::string& form, std::string_view row = kFiles) {
    return refusal_in(send(form, row));
  }
  static std::string refusal_in(const Answer& answer) {
    const auto error = Json::parse(answer.body).at("error");
    std::string text = std::to_string(answer.status) + " " + error.at("code").get<std::string>();
    for (const char* detail : {"reason", "of"}) {
      const auto& details = error.at("details");
      if (details.contains(detail)) text += " " + details.at(detail).get<std::string>();
    }
    return text;
  }
};

TEST_F(FormTest, GivesFieldsAndThenTheFile) {
  const std::string film = form_part("name=\"file\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4",
                                     std::string(3'000'000, 'x'));
  EXPECT_EQ(text(kTextField + film + "--b--\r\n"), "hello: 3000000 bytes of a.mp4, video/mp4");
  EXPECT_EQ(text(kTextField + kFile + "--b--"),
            "hello: 3 bytes of a.txt, application/octet-stream");
  const std::string empty = form_part("name=\"file\"; filename=\"a.txt\"", "");
  EXPECT_EQ(text(kTextField + empty + "--b--"),
            "hello: 0 bytes of a.txt, application/octet-stream");
  const std::string nameless = form_part("name=\"file\"; filename=\"\"", "abc");
  EXPECT_EQ(text(kTextField + nameless + "--b--"), "hello: 3 bytes of , application/octet-stream");
  // Fields that nobody asks for are ignored as in JSON, and so is a file that was not chosen; the path's word counts.
  const std::string other = form_part("name=\"room\"", "x") + form_part("name=\"x\"", "y");
  EXPECT_EQ(text(kNoFile + other + kTextField + kFile + "--b--"),
            "hello: 3 bytes of a.txt, application/octet-stream");
}

TEST_F(FormTest, CountsFieldsAsWhatChangesThings) {
  config.rate_limits.changes = {{1000}, 15min};
  const std::string file =
      form_part("name=\"file\"; filename=\"a.txt\"", std::string(100'000, 'x')) + "--b--";
  EXPECT_EQ(send(kTextField + file).status, 201);
  const std::string field = form_part("name=\"more\"", std::string(1500, 'x'));
  EXPECT_EQ(send(kTextField + field + file).status, 201) << "a file counts elsewhere";
  EXPECT_EQ(refusal(kTextField + file), "429 RATE_LIMITED");
}

TEST_F(FormTest, TakesFormsInChunks) {
  const std::string form = kTextField + kFile + "--b--\r\n";
  std::string chunks;
  for (const char c : form) chunks.append("1\r\n").append(1, c).append("\r\n");
  for (int i = 0; i < 2; ++i) {  // on one connection
    client().send(form_head(kFiles, kForm + "Transfer-Encoding: chunked\r\n") + chunks +
                  "0\r\n\r\n");
    EXPECT_EQ(client().read_answer().value_or(Answer{}).status, 201);
  }
}

TEST_F(FormTest, MayDoWithoutAFile) {
  const std::string_view row = "PUT /api/picture";
  const std::string picture = form_part("name=\"picture\"; filename=\"p.png\"", "abc");
  EXPECT_EQ(text(picture + "--b--", row), "3 bytes of p.png, application/octet-stream");
  EXPECT_EQ(text("--b--", row), "none");
  EXPECT_EQ(text(form_part("name=\"picture\"; filename=\"\"", "") + "--b--", row), "none");
  EXPECT_EQ(refusal(kFile + "--b--", row), "400 INVALID_FORM unexpected_file");
}

TEST_F(FormTest, ListsEveryBadFieldAndTheMissingFile) {
  for (const std::string& file : {std::string(), kNoFile, form_part("name=\"file\"", "abc")}) {
    const auto answer = send(form_part("name=\"text\"", std::string(21, 'x')) + file + "--b--");
    EXPECT_EQ(answer.status, 422);
    const auto issues = Json::parse(answer.body).at("error").at("details").at("validationErrors");
    ASSERT_EQ(issues.size(), 2U);
    EXPECT_EQ(issues[0].at("path"), Json({"text"}));
    EXPECT_EQ(issues[1].at("path"), Json({"file"}));
    EXPECT_EQ(issues[1].at("message"), "Required");
  }
}

// What comes behind the file would have to be waited for, and the file be kept meanwhile.
TEST_F(FormTest, WantsTheFileLast) {
  EXPECT_EQ(refusal(kFile + kTextField + "--b--"), "422 VALIDATION_ERROR");
  EXPECT_NE(send(kFile + kTextField + "--b--").body.find("has to come before the file"),
            std::string::npos);
  const std::string more = form_part("name=\"more\"", "x");
  EXPECT_EQ(refusal(kTextField + kFile + more + "--b--"), "400 INVALID_FORM after_file");
  EXPECT_EQ(refusal(kTextField + kFile + kFile + "--b--"), "400 INVALID_FORM after_file");
  EXPECT_EQ(client().get("/api/echo").status, 200);
}

TEST_F(FormTest, RefusesWhatItCannotTake) {
  EXPECT_EQ(refusal(kTextField + kTextField + kFile + "--b--"), "400 INVALID_FORM repeated");
  EXPECT_EQ(refusal(form_part("name=\"text\"", "a\xFF") + "--b--"), "400 INVALID_FORM text");
  EXPECT_EQ(refusal(form_part("name=\"text\"", std::string(1, '\0')) + "--b--"),
            "400 INVALID_FORM text");
  EXPECT_EQ(refusal(kTextField + kFile), "400 INVALID_FORM unfinished");
  EXPECT_EQ(refusal(""), "400 INVALID_FORM unfinished");
  EXPECT_EQ(refusal(kTextField + form_part("name=\"x\"; filename=\"y\"", "z") + "--b--"),
            "400 INVALID_FORM unexpected_file");
  EXPECT_EQ(refusal(kTextField + kFile + "--b--" + std::string(9000, 'x')),
            "400 INVALID_FORM epilogue");
  EXPECT_EQ(client().get("/api/echo").status, 200);
}

TEST_F(FormTest, BoundsWhatIsHeld) {
  config.http.max_form_parts = 3;
  config.http.max_form_header_bytes.bytes = 2048;
  config.http.max_form_field_bytes.bytes = 1000;
  config.http.max_form_fields_bytes.bytes = 1500;
  const auto field = [](const char* name, std::size_t size) {
    return form_part("name=" + std::string(name), std::string(size, 'x'));
  };
  EXPECT_EQ(refusal(kTextField + field("a", 1000) + kNoFile + "--b--"), "422 VALIDATION_ERROR");
  EXPECT_EQ(refusal(field("a", 1001)), "413 TOO_LARGE field");
  EXPECT_EQ(refusal(field("a", 1000) + field("b", 499)), "413 TOO_LARGE fields");
  EXPECT_EQ(refusal(field("a", 1000) + field("b", 1001)), "413 TOO_LARGE fields");
  EXPECT_EQ(refusal(field(std::string(1501, 'n').c_str(), 0)), "413 TOO_LARGE fields");
  EXPECT_EQ(refusal(field("a", 1) + field("b", 1) + kNoFile + kNoFile), "413 TOO_LARGE parts");
  EXPECT_EQ(refusal("--b\r\nX: " + std::string(2046, 'x') + "\r\n\r\n"), "413 TOO_LARGE headers");
  EXPECT_EQ(client().get("/api/echo").status, 200);
}

// Before the body: nobody is invited to send it.
TEST_F(FormTest, IsRefusedByItsHead) {
  const std::string some = "Content-Length: 1000\r\nExpect: 100-continue\r\n";
  const auto refused = [&](const std::string& fields) {
    RawClient other(port());
    other.send(form_head(kFiles, fields));
    return refusal_in(other.read_answer().value());
  };
  client();
  EXPECT_EQ(refused(some), "415 UNSUPPORTED_MEDIA_TYPE");
  EXPECT_EQ(refused("Content-Type: application/json\r\n" + some), "415 UNSUPPORTED_MEDIA_TYPE");
  EXPECT_EQ(refused("Content-Type: multipart/form-data\r\n" + some), "400 INVALID_FORM boundary");
  EXPECT_EQ(refused(kForm + "Content-Length: 10000001\r\n"), "413 TOO_LARGE");
}

// The file is not read where the fields decide; what is left of it is skipped or ends the connection.
TEST_F(FormTest, AnswersBeforeTheFileHasCome) {
  const std::string start = form_part("name=\"text\"", "conflict") +
                            "--b\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n";
  client().send(form_head(kFiles, kForm + "Content-Length: 9000000\r\n") + start);
  const auto answer = client().read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->header("connection"), "close");
}

TEST_F(FormTest, IsInvitedOnceTheHeadIsFine) {
  const std::string form = kTextField + kFile + "--b--";
  client().send(form_head(kFiles, kForm + "Expect: 100-continue\r\nContent-Length: " +
                                      std::to_string(form.size()) + "\r\n"));
  EXPECT_EQ(client().read_answer().value_or(Answer{}).status, 100);
  client().send(form);
  EXPECT_EQ(client().read_answer().value_or(Answer{}).status, 201);
}

TEST_F(FormTest, IsCutShortByItsRow) {
  const std::string file = form_part("name=\"file\"; filename=f", std::string(10'000'000, 'x'));
  client().send(form_head(kFiles, kForm + "Transfer-Encoding: chunked\r\n"));
  const std::string form = kTextField + file + "--b--";
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", form.size());
  client().send(size + form + "\r\n0\r\n\r\n");
  EXPECT_EQ(client().read_answer().value_or(Answer{}).status, 413);
}

TEST(OpenApi, DescribesForms) {
  Notes notes;
  const auto document =
      Json::parse(openapi_document({notes_routes(notes)}, common_codes(), {"T", "1", "http://t"}));
  const auto& attach = document.at("paths").at("/api/rooms/{room}/files").at("post");
  const auto& body = attach.at("requestBody");
  EXPECT_EQ(body.at("description"), "At most 10000000 bytes");
  const auto& schema = body.at("content").at("multipart/form-data").at("schema");
  EXPECT_EQ(schema.at("required"), Json({"file", "text"}));
  EXPECT_EQ(schema.at("properties").at("file").at("format"), "binary");
  EXPECT_EQ(schema.at("properties").at("text").at("maxLength"), 20);
  EXPECT_FALSE(schema.at("properties").contains("room"));
  EXPECT_EQ(attach.at("parameters").size(), 1U);  // the room; no Idempotency-Key
  EXPECT_TRUE(attach.at("responses").contains("415"));
  const auto& picture = document.at("paths").at("/api/picture").at("put");
  const auto& alone =
      picture.at("requestBody").at("content").at("multipart/form-data").at("schema");
  EXPECT_TRUE(alone.at("properties").contains("picture"));
  EXPECT_FALSE(alone.contains("required"));
}

}  // namespace
}  // namespace stoa::http::test
