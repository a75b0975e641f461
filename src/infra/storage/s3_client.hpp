#pragma once
// One call of S3's: signed anew each time it is sent, tried again where it may pass, and what the service says of its failure as
// an Error of ours. On any shard.
#include "infra/storage/sigv4.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/time.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/storage/storage.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::storage {

struct S3Call {
  fetch::Method method = fetch::Method::get;
  std::string_view name;    // of the method
  std::string object = {};  // without the prefix; empty: the bucket itself
  sigv4::Pairs query = {};
  sigv4::Pairs headers = {};       // names in lower case
  std::string_view body = {};      // outlives the call
  std::string body_hash = {};      // SHA-256 in hexadecimal digits; empty: made here
  std::size_t most_bytes = 65536;  // of the answer
};

// What S3 calls an error: <Error><Code>NoSuchKey</Code>...; empty where the body is none.
std::string error_code_of(const std::string& body);
// The text of an element anywhere in a document; empty where there is none.
std::string text_of(const std::string& body, const char* element);

class S3Client {
 public:
  S3Client(const config::S3& config, fetch::Client http);

  // Any answer but those that may pass: then Error{kStorageUnavailable} after s3.attempts.
  Task<fetch::Answer> send(const S3Call& call) const;
  // The same, and throws as refuse() where the answer is not ok.
  Task<fetch::Answer> succeed(const S3Call& call) const;
  // Error{not_found | storage_full | too_large | kStorageUnavailable}; the last is logged with what the service says.
  [[noreturn]] static void refuse(const S3Call& call, const fetch::Answer& answer);

  Link link(const S3Call& call, std::chrono::seconds ttl) const;

  const config::S3& config() const noexcept { return config_; }
  // "/bucket/prefix/key", encoded: as the source of a copy.
  std::string source_of(const std::string& object) const;

 private:
  fetch::Request request(const S3Call& call) const;
  sigv4::Message message(const S3Call& call, const std::string& endpoint) const;
  std::string origin_of(const std::string& endpoint) const;
  Timestamp service_time() const;
  // The answer's Date is what its clock says.
  void correct_clock(const fetch::Answer& answer) const;

  const config::S3 config_;
  const sigv4::Credentials credentials_;
  const fetch::Client http_;
  mutable std::atomic<std::int64_t> clock_offset_s_{0};
};

}  // namespace stoa::storage
