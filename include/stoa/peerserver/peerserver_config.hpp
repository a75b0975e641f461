#pragma once
// [peerserver] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::peerserver {

using namespace std::chrono_literals;

// For PeerJS clients, which look for npm's PeerServer.
struct PeerServerConfig {
  std::string path = "/peerjs";  // served at "/" too; empty: not at all
  std::string key = "peerjs";
  bool allow_discovery = false;
  bool accounts = false;  // `key` is an access token, and the id its user's
  std::size_t concurrent_limit = 5000;
  Duration expire_timeout = 5s;  // of messages to somebody who is not there
  Duration alive_timeout = 90s;  // without a HEARTBEAT
  ByteSize max_id_bytes{128};    // of an id, and of a client's token
  // Messages to those who are not there: for one of them, and of one id; and in all.
  std::size_t max_queue_messages = 500;
  ByteSize max_queue_bytes{256 * config::kKiB};
  // Of one person or guests' address.
  std::size_t max_client_messages = 25000;
  ByteSize max_client_bytes{16 * config::kMiB};
  std::size_t max_queues_messages = 100000;
  ByteSize max_queues_bytes{64 * config::kMiB};
  double messages_per_second = 100;  // from one socket; a call to many peers begins with a burst
  std::size_t messages_burst = 1000;
};
BOOST_DESCRIBE_STRUCT(PeerServerConfig, (),
                      (path, key, allow_discovery, accounts, concurrent_limit, expire_timeout,
                       alive_timeout, max_id_bytes, max_queue_messages, max_queue_bytes,
                       max_client_messages, max_client_bytes, max_queues_messages, max_queues_bytes,
                       messages_per_second, messages_burst))

// Throws ConfigError.
void check(const PeerServerConfig& peerserver, const Config& all);

}  // namespace stoa::peerserver
