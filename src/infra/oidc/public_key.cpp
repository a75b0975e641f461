#include <stoa/core/base64.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/names.hpp>
#include <stoa/oidc/public_key.hpp>

#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace stoa::oidc {
namespace {

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* it) const noexcept {
    Free(it);
  }
};
template <class T, auto Free>
using Held = std::unique_ptr<T, FreeBy<Free>>;
using Pkey = Held<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = Held<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Number = Held<BIGNUM, BN_free>;
using ParamBuild = Held<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Held<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kEd25519Bytes = 32;
constexpr int kLeastRsaBits = 2048;  // RFC 7518 section 3.3
constexpr int kMostRsaBits = 8192;   // what a signature costs grows with it
constexpr std::size_t kMaxMember = 2048;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view member_of(const Json& jwk, const char* name) {
  const auto found = jwk.find(name);
  if (found == jwk.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

// Empty where it is not there, too long, or not base64url.
std::string decoded(const Json& jwk, const char* name) {
  const auto text = member_of(jwk, name);
  if (text.empty() || text.size() > kMaxMember) return {};
  return base64url_decode(text).value_or(std::string());
}

Pkey make_key(const char* type, OSSL_PARAM_BLD* build) {
  const Params params(OSSL_PARAM_BLD_to_param(build));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  const bool done = params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  return Pkey(done ? made : nullptr);
}

Pkey rsa_key(const Json& jwk) {
  const std::string modulus = decoded(jwk, "n"), exponent = decoded(jwk, "e");
  constexpr std::size_t kMaxExponent = 8;
  if (modulus.empty() || exponent.empty() || exponent.size() > kMaxExponent) return nullptr;
  const Number n(BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
  const Number e(BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
  if (!n || !e || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) return nullptr;
  if (BN_num_bits(n.get()) < kLeastRsaBits || BN_num_bits(n.get()) > kMostRsaBits) return nullptr;
  const ParamBuild build(OSSL_PARAM_BLD_new());
  const bool filled = build &&
                      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  return filled ? make_key("RSA", build.get()) : nullptr;
}

// OpenSSL refuses a point that is not on the curve.
Pkey p256_key(const Json& jwk) {
  const std::string x = decoded(jwk, "x"), y = decoded(jwk, "y");
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return nullptr;
  const std::string point = "\x04" + x + y;
  const ParamBuild build(OSSL_PARAM_BLD_new());
  const bool filled =
      build &&
      OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) == 1;
  return filled ? make_key("EC", build.get()) : nullptr;
}

Pkey ed25519_key(const Json& jwk) {
  const std::string x = decoded(jwk, "x");
  if (x.size() != kEd25519Bytes) return nullptr;
  return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), kEd25519Bytes));
}

// R and S beside one another as OpenSSL wants them. Empty where it is no such signature.
std::string der_of(std::string_view raw) {
  if (raw.size() != 2 * kP256Bytes) return {};
  const Held<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(bytes_of(raw), kP256Bytes, nullptr));
  Number s(BN_bin2bn(bytes_of(raw.substr(kP256Bytes)), kP256Bytes, nullptr));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // the signature's now
  static_cast<void>(s.release());
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

bool pad_pss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

struct PublicKey::Key {
  Pkey pkey;
};

PublicKey::PublicKey() = default;
PublicKey::~PublicKey() = default;

PublicKeyPtr PublicKey::from_jwk(const Json& jwk) {
  if (!jwk.is_object()) return nullptr;
  if (jwk.contains("use") && member_of(jwk, "use") != "sig") return nullptr;
  const auto kid = member_of(jwk, "kid");
  if (kid.size() > kMaxKid) return nullptr;
  const std::shared_ptr<PublicKey> key(new PublicKey);
  key->kid_ = kid;
  if (jwk.contains("alg")) {
    key->only_ = enum_from<Algorithm>(member_of(jwk, "alg"));
    if (!key->only_) return nullptr;
  }
  const auto kty = member_of(jwk, "kty"), curve = member_of(jwk, "crv");
  Pkey pkey;
  if (kty == "RSA") {
    key->kind_ = Kind::rsa;
    pkey = rsa_key(jwk);
  } else if (kty == "EC" && curve == "P-256") {
    key->kind_ = Kind::p256;
    pkey = p256_key(jwk);
  } else if (kty == "OKP" && curve == "Ed25519") {
    key->kind_ = Kind::ed25519;
    pkey = ed25519_key(jwk);
  }
  if (!pkey) return nullptr;
  key->key_ = std::make_unique<Key>(Key{std::move(pkey)});
  return key;
}

bool PublicKey::fits(Algorithm algorithm) const noexcept {
  if (only_ && *only_ != algorithm) return false;
  switch (algorithm) {
    case Algorithm::RS256:
    case Algorithm::PS256:
      return kind_ == Kind::rsa;
    case Algorithm::ES256:
      return kind_ == Kind::p256;
    case Algorithm::EdDSA:
      return kind_ == Kind::ed25519;
  }
  return false;
}

bool PublicKey::verify(Algorithm algorithm, std::string_view bytes,
                       std::string_view signature) const {
  if (!fits(algorithm)) return false;
  std::string der;
  if (algorithm == Algorithm::ES256) {
    der = der_of(signature);
    signature = der;
  }
  if (signature.empty()) return false;
  const Held<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the context's
  const EVP_MD* const digest = algorithm == Algorithm::EdDSA ? nullptr : EVP_sha256();
  if (!context ||
      EVP_DigestVerifyInit(context.get(), &settings, digest, nullptr, key_->pkey.get()) != 1) {
    return false;
  }
  if (algorithm == Algorithm::PS256 && !pad_pss(settings)) return false;
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                          bytes.size()) == 1;
}

std::vector<PublicKeyPtr> read_jwks(std::string_view text) {
  const Json set = parse_json(text, {.depth = 6, .elements = 4096});
  const auto keys = set.is_object() ? set.find("keys") : set.end();
  if (keys == set.end() || !keys->is_array()) {
    throw Error(Code::invalid_request, "There is no list of keys");
  }
  std::vector<PublicKeyPtr> out;
  for (const Json& jwk : *keys) {
    if (out.size() == kMaxKeys) break;
    if (auto key = PublicKey::from_jwk(jwk)) out.push_back(std::move(key));
  }
  return out;
}

}  // namespace stoa::oidc
