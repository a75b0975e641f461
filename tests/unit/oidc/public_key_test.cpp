// The signatures of the RFCs, and keys that are none of ours.
#include <stoa/core/base64.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/oidc/public_key.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa::oidc {
namespace {

// RFC 7515 appendix A.2, A.3; RFC 8037 appendix A.4.
const std::string kRsa =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})";
const std::string kEc =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string kOkp =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view kClaims =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

struct Signed {
  Algorithm algorithm;
  std::string jwk, text, signature;
};

const Signed kSigned[] = {
    {Algorithm::RS256, kRsa, "eyJhbGciOiJSUzI1NiJ9" + std::string(kClaims),
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
     "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
     "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
     "xi12jzDwusC-"
     "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywl"
     "VmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {Algorithm::ES256, kEc, "eyJhbGciOiJFUzI1NiJ9" + std::string(kClaims),
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {Algorithm::EdDSA, kOkp, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};

PublicKeyPtr key_of(const std::string& jwk) {
  return PublicKey::from_jwk(parse_json(jwk));
}

// The JWK with further members.
std::string with(std::string jwk, const std::string& members) {
  return jwk.insert(1, members + ",");
}

TEST(PublicKey, VerifiesTheSignaturesOfTheRfcsAndNoOther) {
  for (const auto& one : kSigned) {
    const auto key = key_of(one.jwk);
    ASSERT_TRUE(key) << one.jwk;
    std::string signature = base64url_decode(one.signature).value();
    EXPECT_TRUE(key->verify(one.algorithm, one.text, signature)) << one.text;
    EXPECT_FALSE(key->verify(one.algorithm, one.text + "x", signature));
    signature.back() = static_cast<char>(signature.back() ^ 1);
    EXPECT_FALSE(key->verify(one.algorithm, one.text, signature));
    EXPECT_FALSE(key->verify(one.algorithm, one.text, signature.substr(1)));
    EXPECT_FALSE(key->verify(one.algorithm, one.text, signature + "x"));
    EXPECT_FALSE(key->verify(one.algorithm, one.text, ""));
    for (const auto& other : kSigned) {
      EXPECT_EQ(key->fits(other.algorithm), other.algorithm == one.algorithm);
    }
  }
}

TEST(PublicKey, AnRs256SignatureIsNoPs256Signature) {
  const auto& one = kSigned[0];
  const auto key = key_of(one.jwk);
  EXPECT_TRUE(key->fits(Algorithm::PS256));
  EXPECT_FALSE(key->verify(Algorithm::PS256, one.text, base64url_decode(one.signature).value()));
}

TEST(PublicKey, IsOfTheAlgorithmThatItNames) {
  EXPECT_TRUE(key_of(with(kRsa, R"("alg":"RS256")"))->fits(Algorithm::RS256));
  EXPECT_FALSE(key_of(with(kRsa, R"("alg":"RS256")"))->fits(Algorithm::PS256));
}

TEST(PublicKey, WhatIsNoKeyForSignaturesIsNone) {
  const std::string refused[] = {
      "[]",
      "{}",
      with(kRsa, R"("use":"enc")"),
      with(kRsa, R"("use":7)"),
      with(kRsa, R"("alg":"RSA-OAEP")"),
      with(kRsa, R"("alg":"HS256")"),
      with(kRsa, R"("kid":")" + std::string(257, 'k') + '"'),
      R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbj"})",
      R"({"kty":"RSA","e":"AQ",)" + kRsa.substr(kRsa.find("\"n\"")),
      R"({"kty":"RSA","e":"Ag",)" + kRsa.substr(kRsa.find("\"n\"")),
      R"({"kty":"RSA","e":"AQAB"})",
      R"({"kty":"RSA","e":"AQAB","n":"not base64url!"})",
      R"({"kty":"RSA","e":"AQAB","n":")" + std::string(1500, 'A') + "\"}",
      // Not on the curve.
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"})",
      R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
      R"({"kty":"EC","crv":"P-384","x":"AAAA","y":"AAAA"})",
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"})",
      R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
      R"({"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"})",
  };
  for (const auto& jwk : refused) EXPECT_FALSE(key_of(jwk)) << jwk;
}

TEST(PublicKey, ASetKeepsWhatIsOursAndNoMoreThanItsBound) {
  EXPECT_EQ(read_jwks("{\"keys\":[" + kEc + ",{\"kty\":\"new\"},7," + kOkp + "]}").size(), 2u);
  std::string many = "{\"keys\":[";
  for (int i = 0; i < 100; ++i) many += (i > 0 ? "," : "") + kOkp;
  EXPECT_EQ(read_jwks(many + "]}").size(), kMaxKeys);
  for (const char* text : {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[", "7"}) {
    EXPECT_THROW(read_jwks(text), Error) << text;
  }
}

}  // namespace
}  // namespace stoa::oidc
