// The vectors of RFC 4226 appendix D, RFC 6238 appendix B (SHA-1) and RFC 4648 section 10.
#include <stoa/identity/totp.hpp>

#include <array>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace stoa::identity {
namespace {

const std::string kRfcSecret = "12345678901234567890";

Timestamp at(std::int64_t seconds) {
  return Timestamp(std::chrono::duration_cast<Timestamp::duration>(std::chrono::seconds(seconds)));
}

TEST(Totp, CountersGiveTheCodesOfRfc4226) {
  const std::array<const char*, 10> codes = {"755224", "287082", "359152", "969429", "338314",
                                             "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < codes.size(); ++i) EXPECT_EQ(hotp(kRfcSecret, i), codes[i]) << i;
}

TEST(Totp, TimesGiveTheCodesOfRfc6238) {
  const std::pair<std::int64_t, const char*> vectors[] = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : vectors) {
    const auto step = static_cast<std::uint64_t>(totp_step(at(seconds)));
    EXPECT_EQ(hotp(kRfcSecret, step, 8), code) << seconds;
    EXPECT_EQ(hotp(kRfcSecret, step), std::string(code).substr(2)) << seconds;
  }
}

TEST(Totp, TheStepBeforeAndTheStepAfterAreTaken) {
  const Timestamp now = at(1111111111);
  const std::int64_t present = totp_step(now);
  for (std::int64_t off = -1; off <= 1; ++off) {
    const auto code = hotp(kRfcSecret, static_cast<std::uint64_t>(present + off));
    EXPECT_EQ(match_totp(kRfcSecret, code, now, 0), present + off) << off;
  }
  for (const std::int64_t off : {-120, -2, 2, 120}) {
    const auto code = hotp(kRfcSecret, static_cast<std::uint64_t>(present + off));
    EXPECT_FALSE(match_totp(kRfcSecret, code, now, 0)) << off;
  }
}

TEST(Totp, AStepThatWasAcceptedIsNoneAnyMore) {
  const Timestamp now = at(1111111111);
  const std::int64_t present = totp_step(now);
  const auto code = hotp(kRfcSecret, static_cast<std::uint64_t>(present));
  EXPECT_EQ(match_totp(kRfcSecret, code, now, present - 1), present);
  EXPECT_FALSE(match_totp(kRfcSecret, code, now, present));
  EXPECT_FALSE(match_totp(kRfcSecret, code, now, present + 1));
}

TEST(Totp, AnythingElseIsNoCode) {
  const Timestamp now = at(59);
  EXPECT_TRUE(match_totp(kRfcSecret, "287082", now, 0));
  for (const char* code :
       {"", "28708", "2870820", "287083", " 287082", "94287082", "28708\xd9\xa2"}) {
    EXPECT_FALSE(match_totp(kRfcSecret, code, now, 0)) << code;
  }
  EXPECT_FALSE(match_totp("another secret of 20", "287082", now, 0));
}

TEST(Totp, SecretsAreBase32WithoutPadding) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "MY"},
                                                         {"fo", "MZXQ"},
                                                         {"foo", "MZXW6"},
                                                         {"foob", "MZXW6YQ"},
                                                         {"fooba", "MZXW6YTB"},
                                                         {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : vectors) EXPECT_EQ(base32_encode(bytes), text);
  EXPECT_EQ(base32_encode(std::string("\xff\x00\xff\x00\xff", 5)), "74AP6AH7");
}

TEST(Totp, TheUriIsWhatAppsRead) {
  EXPECT_EQ(otpauth_uri("Stoa", "ada@example.org", kRfcSecret),
            "otpauth://totp/Stoa:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Stoa&algorithm=SHA1&digits=6&period=30");
  // No plus for a blank, and one colon alone: names hold none.
  EXPECT_EQ(otpauth_uri("Café: 1+1 & more", "ada:b/c?d", kRfcSecret),
            "otpauth://totp/Caf%C3%A9%20%201%2B1%20%26%20more:ada%20b%2Fc%3Fd"
            "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Caf%C3%A9%20%201%2B1%20%26%20more"
            "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace stoa::identity
