#pragma once
// [calls], [peernet] and [turn] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::calls {

using namespace std::chrono_literals;

struct CallsConfig {
  std::size_t max_peers = 12;          // a mesh sends each stream to every other
  std::size_t max_seats_per_user = 3;  // of one call: two devices and a lost connection
  Duration count_interval = 250ms;     // between two room_call_updated of one room
};
BOOST_DESCRIBE_STRUCT(CallsConfig, (), (max_peers, max_seats_per_user, count_interval))

// Frontends that were written for PeerNet's server.
struct PeerNetConfig {
  bool tokenless =
      false;  // a socket without a token may join a call as who joined its room over REST
  Duration tokenless_window = 10min;
  std::size_t tokenless_joins = 10'000;  // that are remembered
};
BOOST_DESCRIBE_STRUCT(PeerNetConfig, (), (tokenless, tokenless_window, tokenless_joins))

struct TurnConfig {
  std::vector<std::string> stun_urls;
  std::vector<std::string> urls;  // turn:host:port?transport=udp
  Secret secret;                  // coturn's static-auth-secret
  Duration ttl = 1h;
};
BOOST_DESCRIBE_STRUCT(TurnConfig, (), (stun_urls, urls, secret, ttl))

// Throw ConfigError.
void check(const CallsConfig& calls, const Config& all);
void check(const PeerNetConfig& peernet, const Config& all);
void check(const TurnConfig& turn, const Config& all);

}  // namespace stoa::calls
