#pragma once
// What one run of the load generator does. Read once by main, immutable afterwards.
//
// Everything is bounded here: connections, frames in flight, seconds. The address is always
// 127.0.0.1, so that a slip of the hand cannot aim the generator at somebody else's machine.

#include <cstdint>
#include <string>
#include <vector>

namespace load {

enum class Scenario { kFanout, kSends, kIdle, kRelay, kEcho, kConnect, kRest, kSelf };
enum class DialectName { kStoa, kSocketIo, kWs, kPeerJs, kRaw };

struct Options {
  Scenario scenario = Scenario::kFanout;
  DialectName dialect = DialectName::kStoa;
  std::uint16_t port = 0;
  bool has_tls = false;
  bool sleeps = false;  // while there is nothing to read; see poller.hpp
  int threads = 2;      // generator threads, each with its own epoll
  int rooms = 1;        // fanout: rooms; sends: rooms that the connections share out; relay: pairs
  int members = 1000;   // fanout: connections a room
  int connections = 100;  // sends, idle, echo, rest, self; connect: as many at once
  int window = 1;         // messages a sender, or signals a pair, has under way
  int every_ms = 0;       // echo: from one to the next on a connection; 0: at once
  int content_bytes = 32;
  double warmup_seconds = 1;
  double seconds = 3;
  double setup_seconds = 60;  // connecting and joining must be done by then
  int pid = 0;                // the server, for its CPU time and memory; 0 = not measured
  int server_core = -1;       // the server's own core, to see who else used it; -1 = not looked at
  int database_pid = 0;       // PostgreSQL's first process, for its CPU time; 0 = not measured
  bool collect_garbage = false;  // idle: SIGUSR2 asks the peer for a collection before the reading
  std::string tokens_file;       // one access token a line, connection i takes line i modulo lines
  std::string rooms_file;        // one room id a line
  std::string paths_file;        // rest: one request target a line, taken in turn
  int frame_bytes = 128;         // self: size of a frame on the wire
  int gathered = 1;              // self: frames a send()
  int sender_cpu = 0;            // self: the core of the bare sender
  std::vector<std::string> tokens;
  std::vector<std::string> room_ids;
  std::vector<std::string> paths;
};

// Reads the command line and the files it names. Throws CLI::Error or std::runtime_error.
Options parse_options(int argc, char** argv);

}  // namespace load
