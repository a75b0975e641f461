#pragma once
// The keys of an issuer: found by OpenID Connect Discovery 1.0 or at a given address, kept for as long as the answer says within
// bounds, and fetched anew when a token names one that is not known.
//
// Whoever asks for a known key never waits: keys that are over their time are renewed behind it, and stay good as long as no new
// set came. An unknown key waits for one fetch that all such share; however many there are, there is not more than one in
// `fetch_interval`, and after failures each next one waits twice as long. Safe on any thread; answers on the caller's executor.
#include <stoa/core/config_types.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/task.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/oidc/public_key.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::oidc {

inline constexpr Code kProviderUnavailable{
    "PROVIDER_UNAVAILABLE", 503, "That identity provider cannot be reached; try again shortly"};

struct KeySource {
  std::string name;           // of the provider, for the log
  std::string issuer;         // that the discovery document must name, byte for byte
  std::string discovery_url;  // of that document
  std::string jwks_url;       // in its place; empty: discovery
};

struct KeyOptions {
  std::chrono::milliseconds least_age{std::chrono::minutes(5)};
  std::chrono::milliseconds most_age{std::chrono::hours(24)};
  std::chrono::milliseconds fetch_interval{std::chrono::seconds(30)};
  std::chrono::milliseconds time_limit{std::chrono::seconds(10)};
  std::size_t waiting = 1000;  // that may wait for a fetch; beyond, Error{overloaded}
};

class KeySet {
 public:
  using Clock = std::chrono::steady_clock;

  // `runtime` outlives it.
  KeySet(net::Runtime& runtime, fetch::Client client, KeySource source, KeyOptions options);
  ~KeySet();
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  // Null where the issuer has no such key by what is known. `kid` empty: the only one that fits. Throws
  // Error{kProviderUnavailable} as long as none are known at all, Error{overloaded | shutting_down}.
  Task<PublicKeyPtr> find(std::string kid, Algorithm algorithm);
  // Fetches them, so that the first who asks need not wait. Answers at once.
  void prepare();
  // Nobody waits any more. Idempotent.
  void stop();

  std::size_t size() const;       // keys that are known
  std::uint64_t fetches() const;  // that were begun

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void wake() noexcept = 0;
  };
  template <class Handler>
  struct Held;
  struct Fetched {
    std::vector<PublicKeyPtr> keys;
    std::chrono::milliseconds age{};
  };

  PublicKeyPtr find_locked(std::string_view kid, Algorithm algorithm) const;
  void begin_locked();
  Task<> wait(std::uint64_t round);
  Task<> renew();
  Task<Fetched> fetch();
  Task<std::string> jwks_url();
  void settle(Fetched* fetched, std::string_view failure);
  Task<std::string> get(std::string url, std::chrono::milliseconds* age);

  net::Runtime& runtime_;
  const fetch::Client client_;
  const KeySource source_;
  const KeyOptions options_;
  mutable std::mutex mutex_;  // guards all below
  std::vector<PublicKeyPtr> keys_;
  Clock::time_point fresh_until_{};
  Clock::time_point not_before_{};  // no fetch is begun until then
  std::uint32_t failures_ = 0;      // in a row
  std::uint64_t round_ = 0;         // fetches that have ended
  std::uint64_t fetches_ = 0;
  bool is_fetching_ = false;
  bool is_stopped_ = false;
  std::vector<std::unique_ptr<Waiter>> waiters_;
};

// Of Cache-Control (RFC 9111 section 5.2.2); zero where it says nothing, or no-cache.
std::chrono::seconds max_age_of(std::string_view cache_control) noexcept;

}  // namespace stoa::oidc
