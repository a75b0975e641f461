#pragma once
// AWS Signature Version 4, as S3 has it (docs.aws.amazon.com, "Authenticating Requests (AWS Signature Version 4)"): the path is
// encoded once and never normalised, and the hash of the body is among the headers. Pure.
#include <stoa/core/time.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::storage::sigv4 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Credentials {
  std::string access_key, secret_key;
  std::string session_token;  // empty: none
  std::string region;
};

struct Message {
  std::string_view method;
  std::string host;    // with its port, where that is not the scheme's own
  std::string path;    // as it is sent: encode_path()
  Pairs query = {};    // not encoded
  Pairs headers = {};  // names in lower case; all of them are signed
};

inline constexpr std::string_view kUnsignedBody = "UNSIGNED-PAYLOAD";

// All but A-Z, a-z, 0-9, "-", "_", "." and "~" as %XX.
std::string encode(std::string_view text);
// The same, but for slashes.
std::string encode_path(std::string_view text);
// Sorted and encoded, without its question mark. A name without a value keeps its "=".
std::string encode_query(const Pairs& query);

// What has to go along with the message's own headers. `body_hash`: SHA-256 in hexadecimal digits, or kUnsignedBody.
Pairs sign(const Credentials& credentials, const Message& message, std::string_view body_hash,
           Timestamp now);

// The whole query of a link that is good for `ttl`, seven days at most.
std::string presign(const Credentials& credentials, const Message& message,
                    std::chrono::seconds ttl, Timestamp now);

}  // namespace stoa::storage::sigv4
