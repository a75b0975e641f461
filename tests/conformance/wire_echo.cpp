// A small server on the codecs that Stoa itself uses, for protocol suites of others and for ours:
//   wire_echo engineio --port P     echoes every message at /engine.io/
//   wire_echo socketio --port P     namespaces "/" and "/custom" at /socket.io/
//   wire_echo bodies --port P       takes bytes at /sink and /form, gives them at /spring and /river
//   wire_echo jobs --port P         does errands that are asked for at /errands, by jobs in the database --database
// The timings are short, so that a suite can wait for them. It listens on 127.0.0.1 until it is killed.
#include "body_rows.hpp"
#include "job_rows.hpp"
#include "realtime/gateway_state.hpp"
#include "realtime/wire/engineio/server.hpp"
#include "realtime/wire/socketio/client.hpp"
#include "realtime/wire/socketio/rooms_namespace.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/http/server.hpp>
#include <stoa/socketio/socketio_door.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace stoa {
namespace {

using namespace std::chrono_literals;
using realtime::engineio::Session;

struct Options {
  std::uint16_t port = 0;
  int ping_interval = 300;       // ms
  int ping_timeout = 200;        // ms
  int connect_timeout = 1'000;   // ms
  int upgrade_timeout = 10'000;  // ms
  int body_timeout = 30'000;     // ms
  int write_timeout = 30'000;    // ms
  std::size_t progress_bytes = 64 * config::kKiB;
  std::string database;  // of jobs
  int lease = 1'000;     // ms
};

constexpr std::size_t kMaxOpenQuestions = 1000;
constexpr std::size_t kMaxPayload = 1'000'000;

// Nobody signs in here.
class Nobody final : public Authenticator {
 public:
  Task<Caller> authenticate(std::string, Client) override {
    throw Error(Code::invalid_token);
    co_return Caller();
  }
  std::optional<Uuid> counted_for(const std::string&) const noexcept override { return {}; }
  Task<Role> role_of(Caller) override {
    throw Error(Code::invalid_token);
    co_return Role();
  }
};

class EngineEcho final : public realtime::engineio::MessageHandler {
 public:
  explicit EngineEcho(Session& session) : session_(session) {}

  bool message(std::string_view data, bool binary) override {
    using namespace realtime::engineio;
    session_.send(binary ? binary_message(data) : text_packet(PacketType::message, data));
    return true;
  }
  Task<> settle() override { co_return; }
  void session_over() override {}
  Task<> end() override { co_return; }
  bool ends_by_itself() const noexcept override { return false; }

 private:
  Session& session_;
};

class EchoSocket final : public realtime::socketio::Socket {
 public:
  EchoSocket(Session& client, std::string nsp, Json auth)
      : client_(client),
        nsp_(std::move(nsp)),
        auth_(std::move(auth)),
        sid_(realtime::socketio::make_socket_id()) {}

  const std::string& sid() const noexcept override { return sid_; }
  const std::string& pid() const noexcept override { return pid_; }
  void connected() override { emit("auth", Json::array({auth_})); }

  bool event(realtime::Incoming in) override {
    using realtime::socketio::Type;
    if (in.problem) {
      refuse(in);
      return true;
    }
    if (in.type == "message") emit("message-back", std::move(*in.arguments));
    if (in.type == "message-with-ack" && !in.id.empty()) {
      send(Type::ack, in.id, std::move(*in.arguments));
    }
    if (in.type == "ask") ask(std::move(*in.arguments));
    return true;
  }
  void acknowledged(const std::string& id, Json arguments) override {
    if (open_questions_.erase(id) > 0) emit("answer-back", std::move(arguments));
  }
  Task<> settle() override { co_return; }
  bool open() const noexcept override { return true; }
  bool wants_return() const noexcept override { return true; }
  Task<> end(bool) override { co_return; }

 private:
  void refuse(const realtime::Incoming& in) {
    const Json error = parse_json(realtime::error_payload(*in.problem));
    if (in.id.empty()) return emit("error", Json::array({error}));
    send(realtime::socketio::Type::ack, in.id, Json::array({{{"error", error}}}));
  }
  void ask(Json arguments) {
    if (open_questions_.size() >= kMaxOpenQuestions) return client_.close();
    const std::string id = std::to_string(asked_++);
    open_questions_.insert(id);
    emit("question", std::move(arguments), id);
  }
  void emit(const char* name, Json arguments, const std::string& id = {}) {
    arguments.insert(arguments.begin(), name);
    send(realtime::socketio::Type::event, id, std::move(arguments));
  }
  void send(realtime::socketio::Type type, const std::string& id, Json data) {
    realtime::socketio::Packet packet;
    packet.type = type;
    packet.nsp = nsp_;
    packet.id = id;
    packet.data = std::move(data);
    for (auto& frame : encode(packet)) client_.send(std::move(frame));
  }

  Session& client_;  // which owns the socket
  const std::string nsp_;
  const Json auth_;
  const std::string sid_;
  const std::string pid_;
  std::uint64_t asked_ = 0;
  std::set<std::string> open_questions_;
};

class EchoNamespaces final : public realtime::socketio::Namespaces {
 public:
  Task<std::shared_ptr<realtime::socketio::Socket>> connect(std::shared_ptr<Session> client,
                                                            std::string nsp, Json auth) override {
    if (nsp != "/" && nsp != "/custom") co_return nullptr;
    co_return std::make_shared<EchoSocket>(*client, std::move(nsp), std::move(auth));
  }
};

std::unique_ptr<realtime::engineio::MessageHandler> make_handler(
    Session& session, const std::shared_ptr<EchoNamespaces>& namespaces,
    std::chrono::milliseconds connect_timeout) {
  if (!namespaces) return std::make_unique<EngineEcho>(session);
  return std::make_unique<realtime::socketio::Client>(session, namespaces, connect_timeout);
}

Config config_for(const Options& options) {
  Config config;
  config.listener.resize(1);
  config.listener.front().port = options.port;
  config.realtime.origins = {"*"};
  config.realtime.max_sessions_per_address = 10'000;
  config.realtime.max_guests_per_address = 10'000;
  config.realtime.max_unknown_per_address = 10'000;
  config.http.max_connections_per_address = 10'000;
  config.http.body_timeout = std::chrono::milliseconds(options.body_timeout);
  config.http.write_timeout = std::chrono::milliseconds(options.write_timeout);
  config.http.progress_bytes = ByteSize{options.progress_bytes};
  config.rate_limits.enabled = false;
  config.jobs.poll = 100ms;
  config.jobs.lease = std::chrono::milliseconds(options.lease);
  config.log.level = config::LogLevel::warn;
  return config;
}

// Before any thread is started, so that none is interrupted.
sigset_t block_end_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

void await_end(const sigset_t& ends, const std::vector<net::BoundEndpoint>& bound) {
  std::printf("listening on 127.0.0.1:%u\n", unsigned{bound.front().port});
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
}

int serve_bodies(const Options& options) {
  const Config config = config_for(options);
  const sigset_t ends = block_end_signals();
  log::start(config.log);
  Metrics metrics;
  Nobody nobody;
  BodyRows rows;
  net::Runtime runtime(2);
  net::RateLimiter limiter(config.rate_limits);
  http::Server front(runtime, config, limiter, http::Router({rows.routes()}), nobody, metrics);
  runtime.start();
  await_end(ends, front.start());
  front.stop();
  runtime.stop();
  log::stop();
  return 0;
}

int serve_jobs(const Options& options) {
  const Config config = config_for(options);
  const sigset_t ends = block_end_signals();
  log::start(config.log);
  Metrics metrics;
  Nobody nobody;
  pg::Database db({.url = options.database, .connections = 4, .statement_timeout = 60s});
  net::Runtime runtime(2);
  jobs::Queue queue(db, runtime, config.jobs);
  JobRows rows(db, queue);
  queue.add(rows.handlers());
  net::RateLimiter limiter(config.rate_limits);
  http::Server front(runtime, config, limiter, http::Router({rows.routes()}), nobody, metrics);
  runtime.start();
  queue.start();
  await_end(ends, front.start());
  front.stop();
  queue.stop(10s);
  runtime.stop();
  db.stop();
  log::stop();
  return 0;
}

int serve(const std::string& path, const Options& options,
          std::shared_ptr<EchoNamespaces> namespaces) {
  const Config config = config_for(options);
  const sigset_t ends = block_end_signals();
  log::start(config.log);
  Metrics metrics;
  Nobody nobody;
  net::Runtime runtime(2);
  net::RateLimiter limiter(config.rate_limits);
  realtime::Gateway gateway(runtime, config, limiter);
  const auto& limits = config.realtime;
  realtime::engineio::Server server(
      gateway,
      {std::chrono::milliseconds(options.ping_interval),
       std::chrono::milliseconds(options.ping_timeout),
       std::chrono::milliseconds(options.upgrade_timeout), kMaxPayload, 10'000,
       config.socketio.max_upgrades, limits.max_queue_bytes, limits.max_queue_frames},
      [namespaces, wait = std::chrono::milliseconds(options.connect_timeout)](Session& session) {
        return make_handler(session, namespaces, wait);
      });
  socketio::PollingDoor door(path, kMaxPayload, [&server](realtime::PollRequest request) {
    return server.serve(std::move(request));
  });
  http::Server front(
      runtime, config, limiter, http::Router({door.routes()}), nobody, metrics,
      {.upgrades = {{path, server.upgrade_handler()}, {path + "/", server.upgrade_handler()}},
       .assets = {}});

  runtime.start();
  gateway.start(nobody);
  await_end(ends, front.start());
  gateway.drain();
  gateway.wait_until_empty(2s);
  front.stop();
  runtime.stop();
  log::stop();
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("Echoes over Stoa's Engine.IO and Socket.IO codecs, for protocol suites");
  app.require_subcommand(1);
  Options options;
  auto* engine = app.add_subcommand("engineio", "Engine.IO 4 at /engine.io/: every message back");
  auto* sockets = app.add_subcommand("socketio", "Socket.IO 5 at /socket.io/: / and /custom");
  auto* bodies = app.add_subcommand("bodies", "HTTP: takes and gives bytes");
  auto* errands = app.add_subcommand("jobs", "HTTP: does later what it is asked for");
  errands->add_option("--port", options.port, "on 127.0.0.1; 0: any free one, which is printed");
  errands->add_option("--database", options.database, "one that has been migrated")->required();
  errands->add_option("--lease", options.lease, "in ms");
  bodies->add_option("--port", options.port, "on 127.0.0.1; 0: any free one, which is printed");
  bodies->add_option("--body-timeout", options.body_timeout, "in ms");
  bodies->add_option("--write-timeout", options.write_timeout, "in ms");
  bodies->add_option("--progress-bytes", options.progress_bytes, "in each of these");
  for (auto* command : {engine, sockets}) {
    command->add_option("--port", options.port, "on 127.0.0.1; 0: any free one, which is printed");
    command->add_option("--ping-interval", options.ping_interval, "in ms");
    command->add_option("--ping-timeout", options.ping_timeout, "in ms");
    command->add_option("--connect-timeout", options.connect_timeout, "of Socket.IO's CONNECT, ms");
    command->add_option("--upgrade-timeout", options.upgrade_timeout, "of a probe, in ms");
  }
  CLI11_PARSE(app, argc, argv);
  if (*bodies) return serve_bodies(options);
  if (*errands) return serve_jobs(options);
  if (*engine) return serve("/engine.io", options, nullptr);
  return serve("/socket.io", options, std::make_shared<EchoNamespaces>());
}

}  // namespace
}  // namespace stoa

int main(int argc, char** argv) {
  return stoa::run(argc, argv);
}
