#pragma once
// All features, made in their order and ended in reverse, and their tables as the server takes them. A second feature,
// error code or kind of topic of one name is a std::logic_error, which stops the start; routes, events, kinds of jobs and
// sections of the configuration are checked where they are put together. Owned by the composition root; outlives the
// runtime's threads.
#include <stoa/module/feature.hpp>

#include <span>
#include <string>
#include <vector>

namespace stoa {

// The sections of all features, for load_config().
std::vector<config::SectionType> sections_of(std::span<const Feature> features);

class Assembly {
 public:
  // `on` without its services, which are the features' own.
  struct Base {
    const Config& config;
    std::string_view version;
    pg::Database& db;
    stoa::jobs::Queue& jobs;
    stoa::fetch::Fetcher& fetch;
    stoa::disk::Disk& disk;
    stoa::storage::Storage& storage;
    net::Runtime& runtime;
    realtime::Gateway& gateway;
    realtime::Roster& roster;
    net::RateLimiter& limiter;
  };
  Assembly(std::span<const Feature> features, const Base& base);
  ~Assembly();
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;

  std::vector<http::Routes> routes() const;
  std::vector<realtime::Events> events() const;
  realtime::OutgoingTable sends() const;
  std::vector<realtime::SessionObserver*> observers() const;
  Upgrades upgrades() const;
  // Its handlers and chores, to be done from the start on.
  void add_jobs(stoa::jobs::Queue& queue) const;
  // The common ones, then the features'.
  const std::vector<Code>& codes() const noexcept { return codes_; }
  Authenticator& authenticator() const;
  Authenticator& socket_authenticator() const;

  void bind(Metrics& metrics) const;
  // Throws what stops the start.
  void check() const;
  void stop();

 private:
  Services services_;
  people::Parts people_;
  std::vector<Code> codes_;
  std::vector<Module> modules_;
};

}  // namespace stoa
