#include "infra/storage/sigv4.hpp"

#include <stoa/core/hex.hpp>
#include <stoa/identity/crypto.hpp>

#include <algorithm>
#include <string_view>

namespace stoa::storage::sigv4 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string encoded(std::string_view text, bool keep_slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slashes && c == '/')) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

// 20260115T103000Z
std::string basic_time(Timestamp when) {
  std::string out;
  for (const char c : to_rfc3339(when)) {
    if (c == '.') break;
    if (c != '-' && c != ':') out += c;
  }
  return out + "Z";
}

struct Scope {
  explicit Scope(const Credentials& credentials, Timestamp now)
      : time(basic_time(now)),
        text(time.substr(0, 8) + "/" + credentials.region + "/s3/aws4_request") {}

  std::string day() const { return time.substr(0, 8); }

  std::string time, text;
};

struct SignedHeaders {
  std::string names, lines;
};

SignedHeaders signed_headers(const Message& message) {
  Pairs all = message.headers;
  all.emplace_back("host", message.host);
  std::sort(all.begin(), all.end());
  SignedHeaders out;
  for (const auto& [name, value] : all) {
    if (!out.names.empty()) out.names += ';';
    out.names += name;
    out.lines.append(name).append(":").append(value).append("\n");
  }
  return out;
}

std::string signature(const Credentials& credentials, const Scope& scope, const Message& message,
                      std::string_view query, const SignedHeaders& headers,
                      std::string_view body_hash) {
  std::string request(message.method);
  request.append("\n").append(message.path).append("\n").append(query).append("\n");
  request.append(headers.lines).append("\n").append(headers.names).append("\n").append(body_hash);

  std::string text(kAlgorithm);
  text.append("\n").append(scope.time).append("\n").append(scope.text).append("\n");
  text += to_hex(identity::sha256(request));

  std::string key = identity::hmac_sha256("AWS4" + credentials.secret_key, scope.day());
  for (const std::string_view part : {std::string_view(credentials.region), std::string_view("s3"),
                                      std::string_view("aws4_request")}) {
    key = identity::hmac_sha256(key, part);
  }
  return to_hex(identity::hmac_sha256(key, text));
}

}  // namespace

std::string encode(std::string_view text) {
  return encoded(text, false);
}
std::string encode_path(std::string_view text) {
  return encoded(text, true);
}

std::string encode_query(const Pairs& query) {
  Pairs all;
  all.reserve(query.size());
  for (const auto& [name, value] : query) all.emplace_back(encode(name), encode(value));
  std::sort(all.begin(), all.end());
  std::string out;
  for (const auto& [name, value] : all) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

Pairs sign(const Credentials& credentials, const Message& message, std::string_view body_hash,
           Timestamp now) {
  const Scope scope(credentials, now);
  Pairs added = {{"x-amz-content-sha256", std::string(body_hash)}, {"x-amz-date", scope.time}};
  if (!credentials.session_token.empty()) {
    added.emplace_back("x-amz-security-token", credentials.session_token);
  }
  Message whole = message;
  whole.headers.insert(whole.headers.end(), added.begin(), added.end());
  const SignedHeaders headers = signed_headers(whole);
  const std::string signed_by =
      signature(credentials, scope, whole, encode_query(whole.query), headers, body_hash);
  added.emplace_back("authorization", std::string(kAlgorithm) +
                                          " Credential=" + credentials.access_key + "/" +
                                          scope.text + ", SignedHeaders=" + headers.names +
                                          ", Signature=" + signed_by);
  return added;
}

std::string presign(const Credentials& credentials, const Message& message,
                    std::chrono::seconds ttl, Timestamp now) {
  const Scope scope(credentials, now);
  const SignedHeaders headers = signed_headers(message);
  Pairs query = message.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back("X-Amz-Credential", credentials.access_key + "/" + scope.text);
  query.emplace_back("X-Amz-Date", scope.time);
  query.emplace_back("X-Amz-Expires", std::to_string(ttl.count()));
  query.emplace_back("X-Amz-SignedHeaders", headers.names);
  if (!credentials.session_token.empty()) {
    query.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  const std::string text = encode_query(query);
  return text +
         "&X-Amz-Signature=" + signature(credentials, scope, message, text, headers, kUnsignedBody);
}

}  // namespace stoa::storage::sigv4
