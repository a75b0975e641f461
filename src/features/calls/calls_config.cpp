#include <stoa/calls/calls_config.hpp>
#include <stoa/core/config_check.hpp>

namespace stoa::calls {

void check(const CallsConfig& calls, const Config&) {
  using namespace config;
  check_count("calls.max_peers", calls.max_peers, 100, 2);
  check_count("calls.max_seats_per_user", calls.max_seats_per_user, calls.max_peers);
  check_time("calls.count_interval", calls.count_interval, 0ms, 1min);
}

void check(const PeerNetConfig& peernet, const Config& all) {
  using namespace config;
  check_time("peernet.tokenless_window", peernet.tokenless_window, 1s, 1h);
  check_count("peernet.tokenless_joins", peernet.tokenless_joins, 1'000'000);
  if (peernet.tokenless && !all.realtime.guests) {
    refuse("peernet.tokenless",
           "needs realtime.guests, since such a socket is a guest's until it joins a call");
  }
}

void check(const TurnConfig& turn, const Config&) {
  using namespace config;
  for (const auto& url : turn.stun_urls) {
    if (!url.starts_with("stun:") && !url.starts_with("stuns:")) {
      refuse("turn.stun_urls", "\"" + url + "\" does not begin with stun: or stuns:");
    }
  }
  for (const auto& url : turn.urls) {
    if (!url.starts_with("turn:") && !url.starts_with("turns:")) {
      refuse("turn.urls", "\"" + url + "\" does not begin with turn: or turns:");
    }
  }
  if (!turn.urls.empty() && turn.secret.value.empty()) {
    refuse("turn.secret", "turn.urls need the secret that the TURN server knows");
  }
  check_time("turn.ttl", turn.ttl, 1min, 24h * 7);
}

}  // namespace stoa::calls
