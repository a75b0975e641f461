#pragma once
// Asks clamd whether a file is harmful (clamd(8), the command INSTREAM). One connection a file; the bytes go through as they are
// read, and nothing of them is held. Immutable, any shard.
//
// clamd answers "stream: OK", "stream: <name> FOUND", or something with ERROR, which is no verdict: then, and where it does not
// answer, Unavailable is thrown, and the file waits. Over its StreamMaxLength it answers and closes while it is written to, so
// that what it said is read also where writing fails. Over MaxFileSize it says OK unless AlertExceedsMax is set; so that
// files.max_bytes has to be below both.
#include <stoa/core/task.hpp>
#include <stoa/storage/storage.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>

namespace stoa::files {

// No verdict; why, for the log.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Clamd {
 public:
  using Endpoint = asio::generic::stream_protocol::endpoint;

  Clamd(Endpoint endpoint, std::chrono::milliseconds timeout)
      : endpoint_(std::move(endpoint)), timeout_(timeout) {}

  // "unix:/run/clamav/clamd.ctl" or "tcp://127.0.0.1:3310", with a numeric address; empty for anything else.
  static std::optional<Endpoint> parse(std::string_view address);

  // What was found; empty where nothing was. Throws Unavailable, and what the object throws.
  Task<std::optional<std::string>> scan(storage::Object& object) const;

 private:
  const Endpoint endpoint_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace stoa::files
