#pragma once
// A feature as the rest of the server sees it: one row, in app/modules.cpp. The row says what the feature is called
// and how it is made; what comes of it says what it serves, sends, keeps and does. The smallest one:
//
//   // include/stoa/polls/feature.hpp
//   namespace stoa::polls { Feature feature(); }
//
//   // src/features/polls/polls_feature.cpp
//   Feature feature() {
//     return {.name = "polls", .sections = {config::section<PollsConfig, &check>("polls")}, .make = [](const Platform& on) {
//       auto polls = std::make_shared<Polls>(on.db, on.hub, on.config.section<PollsConfig>());
//       Module module;
//       module.routes = polls_routes(*polls);
//       module.keep = std::move(polls);
//       return module;
//     }};
//   }
//
//   // src/app/modules.cpp
//   polls::feature(),
//
// Made on the main thread before anything runs.
#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/disk/disk.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/http/route.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/module/people.hpp>
#include <stoa/module/services.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/net/upgrade.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/roster.hpp>
#include <stoa/realtime/topic.hpp>
#include <stoa/storage/storage.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa {

// What every feature may build on; all of it outlives the features.
struct Platform {
  const Config& config;
  std::string_view version;
  pg::Database& db;
  stoa::jobs::Queue& jobs;
  stoa::fetch::Fetcher& fetch;
  stoa::disk::Disk& disk;
  stoa::storage::Storage& storage;
  net::Runtime& runtime;
  realtime::Gateway& gateway;
  realtime::Hub& hub;
  realtime::Roster& roster;
  net::RateLimiter& limiter;
  Services& services;
  // What all features do when somebody leaves, and have of a person: filled when the last feature was made.
  const stoa::people::Parts& people;
};

// Paths that are not HTTP's, and who takes their connections.
using Upgrades = std::vector<std::pair<std::string, net::UpgradeHandler>>;

// What a feature that was made is to the server. All of it may be left out.
struct Module {
  http::Routes routes;
  realtime::Events events;        // that clients of the study-rooms may send
  realtime::OutgoingTable sends;  // that they may hear
  // Hears when a session of the study-rooms has ended: those of later features first.
  realtime::SessionObserver* observer = nullptr;
  Upgrades upgrades;
  stoa::jobs::Handlers jobs;                  // what it does later, by kind
  stoa::jobs::Chores chores;                  // what it does every so often
  stoa::people::Leaving leaving;              // what it does when an account is deleted
  std::vector<stoa::people::Export> exports;  // what it has of a person
  std::function<void(Metrics&)> metrics;
  // Called once the database is up to date and before anybody is served: what it throws stops the start.
  std::function<void()> check;
  // Called once nobody is served any more and the shards still run: refuses what waits.
  std::function<void()> stop;
  // Says whose request it is, or whose socket: one feature of all brings them.
  Authenticator* authenticator = nullptr;
  Authenticator* socket_authenticator = nullptr;
  std::shared_ptr<void> keep;  // what the above points to
};

struct Feature {
  std::string_view name;                           // its folder
  std::vector<config::SectionType> sections = {};  // of the configuration
  std::vector<Code> codes = {};                    // of its errors
  std::vector<const realtime::TopicKind*> topics = {};
  Module (*make)(const Platform& on) = nullptr;
};

}  // namespace stoa
