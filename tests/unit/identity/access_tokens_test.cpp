#include <stoa/core/base64.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/opaque_token.hpp>

#include <chrono>
#include <functional>

#include <gtest/gtest.h>

namespace stoa::identity {
namespace {

const std::string kSecret = "the first key, of more than 32 bytes";
const std::string kOldSecret = "an old key, also more than 32 bytes..";

TokenOptions options() {
  TokenOptions auth;
  auth.issuer = "us";
  auth.audience = "ours";
  auth.ttl = std::chrono::minutes(15);
  auth.keys = {{"new", {kSecret}}, {"old", {kOldSecret}}};
  return auth;
}

class Tokens : public testing::Test {
 protected:
  bool accepted(std::string_view token, Timestamp when) const {
    try {
      tokens_.verify(token, when);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_token);
      EXPECT_EQ(error.message(), Code::invalid_token.message);
      return false;
    }
  }
  bool accepted(std::string_view token) const { return accepted(token, now_); }

  Json claims() const {
    const auto at = std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count();
    return {{"iss", "us"},        {"aud", "ours"},
            {"sub", user_.str()}, {"sid", session_.str()},
            {"role", "mentor"},   {"jti", Uuid::v7().str()},
            {"iat", at},          {"nbf", at},
            {"exp", at + 900}};
  }
  static Json header() { return {{"alg", "HS256"}, {"kid", "new"}, {"typ", "at+jwt"}}; }
  static std::string sign(const std::string& first, const std::string& second,
                          const std::string& secret = kSecret) {
    const auto part = base64url_encode(first) + '.' + base64url_encode(second);
    return part + '.' + base64url_encode(hmac_sha256(secret, part));
  }
  static std::string sign(const Json& head, const Json& body, const std::string& secret = kSecret) {
    return sign(head.dump(), body.dump(), secret);
  }

  AccessTokens tokens_{options()};
  UserId user_ = UserId::make();
  AuthSessionId session_ = AuthSessionId::make();
  Timestamp now_ = now();
};

TEST_F(Tokens, SayWhatWasPutIn) {
  const auto token = tokens_.issue(user_, session_, Role::mentor, now_);
  EXPECT_LE(token.size(), AccessTokens::kMaxBytes);
  const auto claims = tokens_.verify(token, now_);
  EXPECT_EQ(claims.user, user_);
  EXPECT_EQ(claims.session, session_);
  EXPECT_EQ(claims.role, Role::mentor);
  EXPECT_EQ(claims.expires_at - claims.issued_at, std::chrono::minutes(15));
  EXPECT_NE(claims.id, tokens_.verify(tokens_.issue(user_, session_, Role::mentor, now_), now_).id);
}

TEST_F(Tokens, LastAsLongAsConfigured) {
  const auto token = tokens_.issue(user_, session_, Role::learner, now_);
  using namespace std::chrono_literals;
  EXPECT_TRUE(accepted(token, now_ + 15min - 2s));
  EXPECT_FALSE(accepted(token, now_ + 15min));
  EXPECT_FALSE(accepted(token, now_ + 24h * 365));
  EXPECT_TRUE(accepted(token, now_ - 4s));
  EXPECT_FALSE(accepted(token, now_ - 10s));
}

TEST_F(Tokens, AHandMadeOneOfOurFormIsGood) {
  EXPECT_TRUE(accepted(sign(header(), claims())));
}

TEST_F(Tokens, OldKeysVerifyUntilTheyAreTakenAway) {
  Json head = header();
  head["kid"] = "old";
  EXPECT_TRUE(accepted(sign(head, claims(), kOldSecret)));
  EXPECT_FALSE(accepted(sign(head, claims(), kSecret)));
  EXPECT_FALSE(accepted(sign(header(), claims(), kOldSecret)));
  head["kid"] = "gone";
  EXPECT_FALSE(accepted(sign(head, claims())));
}

TEST_F(Tokens, AForgedHeaderIsRefused) {
  const std::pair<const char*, std::function<void(Json&)>> changes[] = {
      {"alg none", [](Json& h) { h["alg"] = "none"; }},
      {"alg None", [](Json& h) { h["alg"] = "NONE"; }},
      {"alg HS512", [](Json& h) { h["alg"] = "HS512"; }},
      {"alg RS256", [](Json& h) { h["alg"] = "RS256"; }},
      {"alg hs256", [](Json& h) { h["alg"] = "hs256"; }},
      {"alg a list", [](Json& h) { h["alg"] = {"HS256"}; }},
      {"no alg", [](Json& h) { h.erase("alg"); }},
      {"typ JWT", [](Json& h) { h["typ"] = "JWT"; }},
      {"no typ", [](Json& h) { h.erase("typ"); }},
      {"no kid", [](Json& h) { h.erase("kid"); }},
      {"kid a path", [](Json& h) { h["kid"] = "../../dev/null"; }},
      {"kid a query", [](Json& h) { h["kid"] = "new' or '1'='1"; }},
      {"kid a number", [](Json& h) { h["kid"] = 0; }},
      {"jwk", [](Json& h) { h["jwk"] = {{"kty", "oct"}, {"k", base64url_encode(kSecret)}}; }},
      {"jku", [](Json& h) { h["jku"] = "https://evil.example/keys"; }},
      {"x5u", [](Json& h) { h["x5u"] = "https://evil.example/cert"; }},
      {"x5c", [](Json& h) { h["x5c"] = {"MII"}; }},
      {"crit", [](Json& h) { h["crit"] = {"exp"}; }},
      {"b64", [](Json& h) { h["b64"] = false; }},
      {"zip", [](Json& h) { h["zip"] = "DEF"; }},
  };
  for (const auto& [name, change] : changes) {
    Json head = header();
    change(head);
    EXPECT_FALSE(accepted(sign(head, claims()))) << name;
    const auto unsigned_one =
        base64url_encode(head.dump()) + '.' + base64url_encode(claims().dump()) + '.';
    EXPECT_FALSE(accepted(unsigned_one)) << name << ", unsigned";
  }
}

TEST_F(Tokens, ForgedClaimsAreRefusedEvenWhenSigned) {
  const auto at = std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count();
  const std::pair<const char*, std::function<void(Json&)>> changes[] = {
      {"another issuer", [](Json& c) { c["iss"] = "them"; }},
      {"issuer a list", [](Json& c) { c["iss"] = {"us"}; }},
      {"another audience", [](Json& c) { c["aud"] = "theirs"; }},
      {"audience a list", [](Json& c) { c["aud"] = {"ours", "theirs"}; }},
      {"expired", [at](Json& c) { c["exp"] = at - 1; }},
      {"exp now", [at](Json& c) { c["exp"] = at; }},
      {"exp text", [at](Json& c) { c["exp"] = std::to_string(at + 900); }},
      {"exp a float", [at](Json& c) { c["exp"] = static_cast<double>(at) + 900.5; }},
      {"exp negative", [](Json& c) { c["exp"] = -1; }},
      {"exp enormous", [](Json& c) { c["exp"] = 18446744073709551615ull; }},
      {"not yet", [at](Json& c) { c["nbf"] = at + 60; }},
      {"issued later", [at](Json& c) { c["iat"] = at + 60; }},
      {"iat null", [](Json& c) { c["iat"] = nullptr; }},
      {"sub no id", [](Json& c) { c["sub"] = "admin"; }},
      {"sub a number", [](Json& c) { c["sub"] = 1; }},
      {"sid no id", [](Json& c) { c["sid"] = "*"; }},
      {"role unknown", [](Json& c) { c["role"] = "root"; }},
      {"role a list", [](Json& c) { c["role"] = {"admin"}; }},
      {"jti no id", [](Json& c) { c["jti"] = ""; }},
      {"nested", [](Json& c) { c["extra"] = {{"a", 1}}; }},
  };
  for (const auto& [name, change] : changes) {
    Json body = claims();
    change(body);
    EXPECT_FALSE(accepted(sign(header(), body))) << name;
  }
  for (const char* name : {"iss", "aud", "sub", "sid", "role", "jti", "iat", "nbf", "exp"}) {
    Json body = claims();
    body.erase(name);
    EXPECT_FALSE(accepted(sign(header(), body))) << "without " << name;
  }
}

TEST_F(Tokens, AlteredAndMalformedOnesAreRefused) {
  const auto good = sign(header(), claims());
  ASSERT_TRUE(accepted(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto altered = good;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(accepted(altered)) << "byte " << i;
    EXPECT_FALSE(accepted(good.substr(0, i))) << "the first " << i;
  }
  const auto head = header().dump();
  const std::string cases[] = {"",
                               ".",
                               "..",
                               "...",
                               good + '.',
                               good + "A",
                               good + "=",
                               ' ' + good,
                               good + '\n',
                               '.' + good,
                               "Bearer " + good,
                               std::string(1 << 20, 'a'),
                               std::string(1 << 20, '.'),
                               good + std::string(2000, '='),
                               std::string(good).replace(good.find('.'), 1, std::string(1, '\0')),
                               sign(head, "[]"),
                               sign(head, "null"),
                               sign(head, ""),
                               sign(head, "{"),
                               sign(head, std::string(100, '[')),
                               sign(head, "\xFF\xFE"),
                               sign(' ' + head, claims().dump()),
                               sign(head, claims().dump().insert(1, R"("role":"admin",)"))};
  for (const auto& token : cases) EXPECT_FALSE(accepted(token)) << token.substr(0, 80);
}

TEST_F(Tokens, WithoutAKeyATemporaryOneSigns) {
  TokenOptions none = options();
  none.keys.clear();
  const AccessTokens one(none), other(none);
  EXPECT_TRUE(one.has_temporary_key());
  EXPECT_FALSE(tokens_.has_temporary_key());
  const auto token = one.issue(user_, session_, Role::learner);
  EXPECT_EQ(one.verify(token).user, user_);
  EXPECT_THROW(other.verify(token), Error);
}

TEST(Crypto, KnownAnswers) {
  const auto hex = [](const std::string& bytes) {
    std::string out;
    char text[3];
    for (const char c : bytes) {
      std::snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(c));
      out += text;
    }
    return out;
  };
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 test case 2, RFC 2202 test case 2.
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(turn_credential("Jefe", "what do ya want for nothing?"),
            "7/zfauXrL6LSdBbV8YTfnCWafHk=");
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_NE(random_bytes(32), random_bytes(32));
}

TEST(OpaqueTokens, AreLongAndStoredAsTheirHash) {
  const auto one = make_opaque_token();
  const auto other = make_opaque_token();
  EXPECT_EQ(one.text.size(), 43u);
  EXPECT_NE(one.text, other.text);
  EXPECT_EQ(one.hash, hash_opaque_token(one.text));
  EXPECT_NE(one.hash, one.text);
  EXPECT_EQ(hash_opaque_token("").size(), 43u);
}

}  // namespace
}  // namespace stoa::identity
