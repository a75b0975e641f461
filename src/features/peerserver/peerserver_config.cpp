#include <stoa/core/config_check.hpp>
#include <stoa/peerserver/peerserver_config.hpp>

#include <string>

namespace stoa::peerserver {

void check(const PeerServerConfig& p, const Config&) {
  using namespace config;
  if (!p.path.empty() && !is_plain_path(p.path)) {
    refuse("peerserver.path", "\"" + p.path + "\" is no path as in \"/peerjs\"");
  }
  if (p.key.empty() || !is_plain_path("/" + p.key) || p.key.find('/') != std::string::npos) {
    refuse("peerserver.key", "must be one or more of A-Z, a-z, 0-9, \"-\", \"_\" and \".\"");
  }
  check_count("peerserver.concurrent_limit", p.concurrent_limit, 10'000'000);
  check_time("peerserver.expire_timeout", p.expire_timeout, 100ms, 1h);
  check_time("peerserver.alive_timeout", p.alive_timeout, 100ms, 24h);
  check_size("peerserver.max_id_bytes", p.max_id_bytes, 36, 4 * kKiB);
  check_count("peerserver.max_queue_messages", p.max_queue_messages, 1'000'000);
  check_size("peerserver.max_queue_bytes", p.max_queue_bytes, kKiB, 1024 * kMiB);
  check_count("peerserver.max_client_messages", p.max_client_messages, 100'000'000);
  check_size("peerserver.max_client_bytes", p.max_client_bytes, kKiB, 65536 * kMiB);
  check_count("peerserver.max_queues_messages", p.max_queues_messages, 100'000'000,
              p.max_queue_messages);
  check_size("peerserver.max_queues_bytes", p.max_queues_bytes, p.max_queue_bytes, 65536 * kMiB);
  check_number("peerserver.messages_per_second", p.messages_per_second, 0.1, 1'000'000.0);
  check_count("peerserver.messages_burst", p.messages_burst, 1'000'000);
}

}  // namespace stoa::peerserver
