#pragma once
// Sends mails to the operator's mail server (SMTP, RFC 5321): by libcurl, on a few threads of its own, each with a connection
// that is kept for the next mail. Owned by the feature that sends mails. Any thread.
#include <stoa/core/config_types.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace stoa::smtp {

struct SenderOptions {
  std::string url;   // "smtp://host:587", "smtps://host:465"
  std::string helo;  // the name of this machine; empty: as the system says
  std::string user;  // empty: without signing in
  Secret password;
  bool needs_tls =
      true;  // smtp:// without STARTTLS, or a certificate that is not the host's: nothing is sent
  std::string ca_file;  // PEM; empty: the system's authorities
  // Which addresses may be connected to; empty: any.
  std::function<bool(const boost::asio::ip::address&)> may_connect;
  std::size_t threads = 2;
  Duration connect_timeout{10'000};  // for the name, the connection and TLS
  Duration time_limit{30'000};       // of one mail, with that
};

// Both as envelope_address() gives them.
struct Envelope {
  std::string from, to;
};

enum class Outcome {
  accepted,
  later,  // no answer, one that says that it may pass (4xx), or nothing was asked because the server itself was refused
  no_receiver,  // its receiver is refused for good (5xx to RCPT)
  never,        // its sender or what it says is refused for good (5xx)
};

// What is wrong where nothing was sent, as far as it is known.
enum class Trouble {
  unknown,
  untrusted,      // its certificate is of no authority that is trusted
  other_port,     // it speaks TLS from the first byte, and smtp:// does not, or the other way round
  no_tls,         // it has no STARTTLS
  not_allowed,    // SenderOptions::may_connect says no
  not_signed_in,  // it wants a user and a password, or others
};

struct Answer {
  Outcome outcome = Outcome::later;
  int code = 0;  // of the server; 0: it said none
  std::string
      text;  // what it said, or what went wrong; at most some hundred bytes, without controls
  Trouble trouble = Trouble::unknown;
};

class Sender {
 public:
  explicit Sender(const SenderOptions& options);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // `message`: as write_message() makes it. For callers whose number is bounded: they wait for a thread. Throws
  // Error{shutting_down}.
  Task<Answer> send(Envelope envelope, std::string message);
  // The same on the calling thread.
  Answer send_blocking(const Envelope& envelope, const std::string& message);

  // Ends what runs, within a second, and refuses what waits. Idempotent.
  void stop();
  const WorkerPool& pool() const noexcept { return pool_; }

 private:
  class Connections;

  std::unique_ptr<Connections> connections_;
  WorkerPool pool_;
};

}  // namespace stoa::smtp
