#include <stoa/core/base64.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/names.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/identity/crypto.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <jwt/algorithm.hpp>

namespace stoa::identity {
namespace {

constexpr std::string_view kTemporaryKid = "temporary";
constexpr JsonLimits kClaimLimits{.depth = 1, .elements = 32};

// The algorithm is this template argument and is read from nowhere.
std::string signature(const std::string& secret, std::string_view signed_part) {
  using Signer = jwt::HMACSign<jwt::algo::HS256>;
  const auto [mac, error] =
      Signer::sign({secret.data(), secret.size()}, {signed_part.data(), signed_part.size()});
  if (error) throw std::runtime_error("a token could not be signed: " + error.message());
  return mac;
}

const std::string* text(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? &found->get_ref<const std::string&>()
                                                     : nullptr;
}

// NumericDate in whole seconds; far enough in either direction for any clock, near enough to add to.
std::optional<Timestamp> instant(const Json& claims, const char* name) {
  constexpr std::uint64_t kMost = 1ull << 36;
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto value = found->get<std::uint64_t>();
  if (value > kMost) return std::nullopt;
  return Timestamp(std::chrono::seconds(value));
}

std::int64_t seconds_of(Timestamp when) {
  return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
}

template <class T>
T required(const std::optional<T>& value) {
  if (!value) throw Error(Code::invalid_token);
  return *value;
}

}  // namespace

AccessTokens::AccessTokens(const TokenOptions& options)
    : issuer_(options.issuer),
      audience_(options.audience),
      ttl_(std::chrono::ceil<std::chrono::seconds>(options.ttl)) {
  const auto add = [&](std::string_view kid, std::string secret) {
    const Json header = {{"alg", "HS256"}, {"kid", kid}, {"typ", "at+jwt"}};
    keys_.push_back({base64url_encode(dump_json(header)), std::move(secret)});
  };
  for (const auto& key : options.keys) add(key.kid, key.secret.value);
  if (keys_.empty()) {
    temporary_key_ = true;
    add(kTemporaryKid, random_bytes(32));
  }
}

std::string AccessTokens::issue(UserId user, AuthSessionId session, Role role,
                                Timestamp when) const {
  const Json claims = {{"iss", issuer_},
                       {"aud", audience_},
                       {"sub", user.str()},
                       {"sid", session.str()},
                       {"role", enum_name(role)},
                       {"jti", Uuid::v7().str()},
                       {"iat", seconds_of(when)},
                       {"nbf", seconds_of(when)},
                       {"exp", seconds_of(when) + ttl_.count()}};
  const Key& key = keys_.front();
  std::string token = key.header + '.' + base64url_encode(dump_json(claims));
  token += '.' + base64url_encode(signature(key.secret, token));
  return token;
}

AccessClaims AccessTokens::verify(std::string_view token, Timestamp when) const {
  if (token.size() > kMaxBytes) throw Error(Code::invalid_token);
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last) throw Error(Code::invalid_token);

  const auto header = token.substr(0, first);
  const auto key = std::find_if(keys_.begin(), keys_.end(),
                                [&](const Key& candidate) { return candidate.header == header; });
  if (key == keys_.end()) throw Error(Code::invalid_token);

  const auto given = base64url_decode(token.substr(last + 1));
  const auto actual = signature(key->secret, token.substr(0, last));
  if (!given || !constant_time_equal(*given, actual)) throw Error(Code::invalid_token);

  const auto body = base64url_decode(token.substr(first + 1, last - first - 1));
  Json claims;
  try {
    claims = parse_json(required(body), kClaimLimits);
  } catch (const Error&) {
    throw Error(Code::invalid_token);
  }
  if (!claims.is_object()) throw Error(Code::invalid_token);

  const auto* issuer = text(claims, "iss");
  const auto* audience = text(claims, "aud");
  const auto* subject = text(claims, "sub");
  const auto* session = text(claims, "sid");
  const auto* role = text(claims, "role");
  const auto* id = text(claims, "jti");
  if (!issuer || !audience || !subject || !session || !role || !id)
    throw Error(Code::invalid_token);
  if (*issuer != issuer_ || *audience != audience_) throw Error(Code::invalid_token);

  AccessClaims out;
  out.id = required(Uuid::parse(*id));
  out.user = required(UserId::parse(*subject));
  out.session = required(AuthSessionId::parse(*session));
  out.role = required(enum_from<Role>(*role));
  out.issued_at = required(instant(claims, "iat"));
  out.expires_at = required(instant(claims, "exp"));
  const Timestamp not_before = required(instant(claims, "nbf"));
  const bool in_time = when < out.expires_at && not_before <= when + kLeeway &&
                       out.issued_at <= when + kLeeway && out.issued_at <= out.expires_at;
  if (!in_time) throw Error(Code::invalid_token);
  return out;
}

}  // namespace stoa::identity
