#include <stoa/core/base64.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/values.hpp>
#include <stoa/oidc/id_token.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::oidc {
namespace {

constexpr JsonLimits kHeaderLimits{.depth = 8, .elements = 64};  // a jwk may be in it
constexpr JsonLimits kClaimLimits{.depth = 8, .elements = 512};
constexpr std::size_t kMaxSubject = 255;  // OpenID Connect Core 1.0 section 2
constexpr std::size_t kMaxAudiences = 16;
constexpr std::string_view kTenant = "{tenantid}";

struct Parts {
  std::string_view header, body, signature, signed_part;
};

std::optional<Parts> split(std::string_view text) {
  if (text.size() > kMaxTokenBytes) return std::nullopt;
  const auto first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1), text.substr(0, second)};
}

Json object_of(std::string_view part, JsonLimits limits) {
  const auto bytes = base64url_decode(part);
  if (!bytes) throw Refused("not base64url");
  Json object;
  try {
    object = parse_json(*bytes, limits);
  } catch (const Error&) {
    throw Refused("not JSON");
  }
  if (!object.is_object()) throw Refused("not an object");
  return object;
}

// Empty where there is none; refused where there is something else.
std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string()) throw Refused("a member of another type");
  return found->get<std::string>();
}

// NumericDate (RFC 7519 section 2), which may have a fraction.
std::optional<Timestamp> instant_of(const Json& claims, const char* name) {
  constexpr double kMost = 1ull << 36;
  const auto found = claims.find(name);
  if (found == claims.end() || found->is_null()) return std::nullopt;
  if (!found->is_number()) throw Refused("a time that is no number");
  const auto seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kMost)) throw Refused("a time out of range");
  return Timestamp(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

// Apple writes "true".
bool flag_of(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return false;
  if (found->is_boolean()) return found->get<bool>();
  return found->is_string() && found->get_ref<const std::string&>() == "true";
}

std::vector<std::string> audience_of(const Json& claims) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  if (!found->is_array() || found->size() > kMaxAudiences) throw Refused("aud is no list");
  std::vector<std::string> out;
  for (const Json& one : *found) {
    if (!one.is_string()) throw Refused("aud is no list of texts");
    out.push_back(one.get<std::string>());
  }
  return out;
}

// As providers have them, the best first.
std::string name_of(const Json& claims) {
  for (const char* member : {"name", "nickname", "given_name", "preferred_username"}) {
    const auto found = claims.find(member);
    if (found == claims.end() || !found->is_string()) continue;
    const auto& name = found->get_ref<const std::string&>();
    // An address is nobody's name, and not for others to see.
    if (!trim(name).empty() && name.find('@') == std::string::npos) return name;
  }
  return {};
}

Claims claims_of(const Json& body) {
  Claims out;
  out.issuer = text_of(body, "iss");
  out.subject = text_of(body, "sub");
  out.audience = audience_of(body);
  out.authorized_party = text_of(body, "azp");
  out.tenant = text_of(body, "tid");
  out.nonce = text_of(body, "nonce");
  out.email = text_of(body, "email");
  out.email_verified = flag_of(body, "email_verified");
  out.name = name_of(body);
  out.expires_at = instant_of(body, "exp");
  out.issued_at = instant_of(body, "iat");
  out.not_before = instant_of(body, "nbf");
  out.auth_time = instant_of(body, "auth_time");
  return out;
}

bool has(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

bool is_subject(const std::string& subject) {
  return !subject.empty() && subject.size() <= kMaxSubject &&
         std::all_of(subject.begin(), subject.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

void check_times(const Claims& claims, bool needs_auth_time, Timestamp when) {
  if (!claims.expires_at || !claims.issued_at) throw Refused("exp or iat is missing");
  if (*claims.expires_at + kLeeway <= when) throw Refused("expired");
  if (*claims.issued_at > when + kLeeway) throw Refused("iat is to come");
  if (*claims.issued_at > *claims.expires_at) throw Refused("iat is later than exp");
  if (claims.not_before && *claims.not_before > when + kLeeway) throw Refused("nbf is to come");
  if (claims.auth_time && *claims.auth_time > when + kLeeway) {
    throw Refused("auth_time is to come");
  }
  if (needs_auth_time && !claims.auth_time) throw Refused("auth_time is missing");
}

void check_audience(const Claims& claims, const Rules& rules) {
  const bool ours = std::any_of(claims.audience.begin(), claims.audience.end(),
                                [&](const std::string& one) { return has(rules.audiences, one); });
  if (!ours) throw Refused("aud is not ours");
  const std::string& azp = claims.authorized_party;
  if (azp.empty() && claims.audience.size() > 1) throw Refused("azp is missing");
  if (!azp.empty() && !has(rules.audiences, azp) && !has(rules.authorized_parties, azp)) {
    throw Refused("azp is not ours");
  }
}

}  // namespace

IdToken read_id_token(std::string_view text) {
  const auto parts = split(text);
  if (!parts) throw Refused("not a token");
  const Json header = object_of(parts->header, kHeaderLimits);
  if (header.contains("crit")) throw Refused("crit");
  IdToken token;
  token.algorithm = enum_from<Algorithm>(text_of(header, "alg"));
  token.kid = text_of(header, "kid");
  if (token.kid.size() > PublicKey::kMaxKid) throw Refused("kid is too long");
  auto signature = base64url_decode(parts->signature);
  if (!signature) throw Refused("not base64url");
  token.signature = std::move(*signature);
  token.signed_part = parts->signed_part;
  token.claims = claims_of(object_of(parts->body, kClaimLimits));
  return token;
}

std::optional<Said> said_in(std::string_view text) noexcept {
  try {
    const auto parts = split(text);
    if (!parts) return std::nullopt;
    const Json body = object_of(parts->body, kClaimLimits);
    return Said{text_of(body, "iss"), text_of(body, "tid")};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool is_of_tenants(const std::string& issuer) {
  return issuer.find(kTenant) != std::string::npos;
}

bool is_issuer(const Rules& rules, const std::string& issuer, const std::string& tenant) {
  return std::any_of(rules.issuers.begin(), rules.issuers.end(), [&](const std::string& known) {
    const auto at = known.find(kTenant);
    if (at == std::string::npos) return known == issuer;
    if (!has(rules.tenants, tenant)) return false;
    std::string whole = known;
    return whole.replace(at, kTenant.size(), tenant) == issuer;
  });
}

void check(const IdToken& token, const Rules& rules, const std::optional<std::string>& nonce,
           Timestamp when) {
  const Claims& claims = token.claims;
  const auto& algorithms = rules.algorithms;
  const bool is_taken = token.algorithm && std::find(algorithms.begin(), algorithms.end(),
                                                     *token.algorithm) != algorithms.end();
  if (!is_taken) throw Refused("alg is not taken");
  if (!is_issuer(rules, claims.issuer, claims.tenant)) throw Refused("iss is another");
  check_audience(claims, rules);
  check_times(claims, rules.needs_auth_time, when);
  if (!is_subject(claims.subject)) throw Refused("sub is none");
  if (nonce && claims.nonce != *nonce) throw Refused("nonce is another");
}

}  // namespace stoa::oidc
