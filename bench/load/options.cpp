#include "options.hpp"

#include <fstream>
#include <map>
#include <stdexcept>

#include <CLI/CLI.hpp>

namespace load {
namespace {

constexpr int kMaxConnections = 16000;

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  if (path.empty()) return lines;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) throw std::runtime_error(path + " has no lines");
  return lines;
}

void add_common(CLI::App& app, Options& options) {
  app.add_option("--threads", options.threads, "generator threads")->check(CLI::Range(1, 16));
  app.add_flag("--sleeps", options.sleeps,
               "sleep while there is nothing to read: on a shared core");
  app.add_option("--warmup", options.warmup_seconds, "seconds before the measured window")
      ->check(CLI::Range(0.0, 60.0));
  app.add_option("--seconds", options.seconds, "measured window")->check(CLI::Range(0.1, 120.0));
}

void add_server(CLI::App& app, Options& options) {
  app.add_option("--port", options.port, "server's port on 127.0.0.1")->required();
  app.add_option("--pid", options.pid, "server's process, for CPU time and memory");
  app.add_option("--server-core", options.server_core,
                 "the server's own core, to see who else used it");
  app.add_option("--database-pid", options.database_pid, "PostgreSQL's, for its CPU time");
  app.add_option("--tokens-file", options.tokens_file, "access tokens, one a line");
  app.add_option("--setup-seconds", options.setup_seconds, "limit for connecting and joining")
      ->check(CLI::Range(1.0, 600.0));
}

void add_dialect(CLI::App& app, Options& options) {
  static const std::map<std::string, DialectName> kDialects{{"stoa", DialectName::kStoa},
                                                            {"socketio", DialectName::kSocketIo},
                                                            {"ws", DialectName::kWs},
                                                            {"peerjs", DialectName::kPeerJs}};
  app.add_option("--dialect", options.dialect, "stoa, socketio, ws or peerjs")
      ->transform(CLI::CheckedTransformer(kDialects));
  app.add_flag("--tls", options.has_tls, "over TLS");
}

void add_rooms(CLI::App& app, Options& options) {
  app.add_option("--rooms", options.rooms, "rooms")->check(CLI::Range(0, kMaxConnections));
  app.add_option("--window", options.window, "messages or signals under way a sender")
      ->check(CLI::Range(1, 1024));
  app.add_option("--rooms-file", options.rooms_file, "room ids, one a line");
}

void add_chat(CLI::App& app, Options& options) {
  add_rooms(app, options);
  app.add_option("--content-bytes", options.content_bytes, "length of a message's content")
      ->check(CLI::Range(16, 4000));
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app("Load generator for Stoa and its peers; prints one JSON line");
  app.require_subcommand(1);
  const auto add_connections = [&](CLI::App& sub) {
    sub.add_option("--connections", options.connections, "connections")
        ->check(CLI::Range(1, kMaxConnections));
  };
  CLI::App* fanout = app.add_subcommand("fanout", "rooms x members, one sender a room");
  CLI::App* sends = app.add_subcommand("sends", "acknowledged sends");
  CLI::App* idle = app.add_subcommand("idle", "resident memory of idle connections");
  CLI::App* relay = app.add_subcommand("relay", "signals between the two of each pair");
  CLI::App* echo = app.add_subcommand("echo", "what is acknowledged and does nothing, at a pace");
  CLI::App* connect = app.add_subcommand("connect", "connect, sign in, one answer, close; again");
  CLI::App* rest = app.add_subcommand("rest", "HTTP/1.1 keep-alive GETs, closed loop");
  CLI::App* self = app.add_subcommand("self", "the bare send() floor and the generator's ceiling");
  fanout->add_option("--members", options.members, "connections a room")
      ->check(CLI::Range(1, kMaxConnections));
  add_rooms(*relay, options);
  for (CLI::App* sub : {fanout, sends, idle}) add_chat(*sub, options);
  for (CLI::App* sub : {fanout, sends, idle, relay, echo, connect}) add_dialect(*sub, options);
  for (CLI::App* sub : {fanout, sends, idle, relay, echo, connect, rest}) add_server(*sub, options);
  for (CLI::App* sub : {sends, idle, echo, connect, rest, self}) add_connections(*sub);
  for (CLI::App* sub : app.get_subcommands({})) add_common(*sub, options);
  echo->add_option("--every-ms", options.every_ms, "between two on a connection; 0: at once")
      ->check(CLI::Range(0, 10000));
  idle->add_flag("--collect-garbage", options.collect_garbage, "SIGUSR2 before the reading");
  rest->add_option("--paths-file", options.paths_file, "request targets, one a line")->required();
  self->add_option("--frame-bytes", options.frame_bytes)->check(CLI::Range(16, 4096));
  self->add_option("--gathered", options.gathered, "frames a send()")->check(CLI::Range(1, 256));
  self->add_option("--sender-cpu", options.sender_cpu, "core of the bare sender, -1 for any");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (*sends) options.scenario = Scenario::kSends;
  if (*idle) options.scenario = Scenario::kIdle;
  if (*relay) options.scenario = Scenario::kRelay;
  if (*echo) options.scenario = Scenario::kEcho;
  if (*connect) options.scenario = Scenario::kConnect;
  if (*rest) options.scenario = Scenario::kRest;
  if (*self) {
    options.scenario = Scenario::kSelf;
    options.dialect = DialectName::kRaw;
    options.rooms = 0;
  }
  if (*idle && idle->count("--rooms") == 0) options.rooms = 0;
  if (*fanout) {
    options.connections = options.rooms * options.members;
    if (options.connections > kMaxConnections) throw std::runtime_error("too many connections");
  }
  options.tokens = read_lines(options.tokens_file);
  options.room_ids = read_lines(options.rooms_file);
  options.paths = read_lines(options.paths_file);
  return options;
}

}  // namespace load
