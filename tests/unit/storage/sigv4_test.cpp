// Signatures, held against the examples of AWS's documentation for S3.
#include "infra/storage/sigv4.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace stoa::storage::sigv4 {
namespace {

constexpr std::string_view kNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const Credentials kExample{.access_key = "AKIAIOSFODNN7EXAMPLE",
                           .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                           .session_token = {},
                           .region = "us-east-1"};
const Timestamp kDay = *parse_timestamp("2013-05-24T00:00:00Z");

Message get(std::string path) {
  return {.method = "GET", .host = "examplebucket.s3.amazonaws.com", .path = std::move(path)};
}

std::string authorization(const Message& message, std::string_view body_hash) {
  return sign(kExample, message, body_hash, kDay).back().second;
}

TEST(Signatures, OfAGetWithARange) {
  Message message = get("/test.txt");
  message.headers = {{"range", "bytes=0-9"}};
  EXPECT_EQ(authorization(message, kNothing),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Signatures, OfAPutWhosePathWantsEncoding) {
  Message message = get(encode_path("/test$file.text"));
  message.method = "PUT";
  message.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  const auto text =
      authorization(message, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
  EXPECT_TRUE(
      text.ends_with("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"))
      << text;
}

TEST(Signatures, OfAQueryWithABareName) {
  Message message = get("/");
  message.query = {{"lifecycle", ""}};
  const auto text = authorization(message, kNothing);
  EXPECT_TRUE(
      text.ends_with("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))
      << text;
}

TEST(Signatures, OfAQueryThatIsSorted) {
  Message message = get("/");
  message.query = {{"prefix", "J"}, {"max-keys", "2"}};
  const auto text = authorization(message, kNothing);
  EXPECT_TRUE(
      text.ends_with("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"))
      << text;
}

TEST(Signatures, OfALink) {
  EXPECT_EQ(presign(kExample, get("/test.txt"), std::chrono::seconds(86400), kDay),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%"
            "2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(Signatures, NameTheTokenOfASession) {
  Credentials guest = kExample;
  guest.session_token = "a/b+c==";
  const auto added = sign(guest, get("/x"), kNothing, kDay);
  EXPECT_EQ(added[2], (std::pair<std::string, std::string>("x-amz-security-token", "a/b+c==")));
  EXPECT_NE(added.back().second.find("x-amz-date;x-amz-security-token,"), std::string::npos);
  EXPECT_NE(presign(guest, get("/x"), std::chrono::seconds(60), kDay)
                .find("X-Amz-Security-Token=a%2Fb%2Bc%3D%3D"),
            std::string::npos);
}

TEST(Encoding, LeavesOnlyWhatIsUnreserved) {
  EXPECT_EQ(encode("a b+c!'()*/~_-."), "a%20b%2Bc%21%27%28%29%2A%2F~_-.");
  EXPECT_EQ(encode("\xc3\xa4"), "%C3%A4");
  EXPECT_EQ(encode_path("/a b/c"), "/a%20b/c");
  EXPECT_EQ(encode_query({{"b", "2 3"}, {"a", ""}}), "a=&b=2%203");
}

}  // namespace
}  // namespace stoa::storage::sigv4
