#pragma once
// Everything that can be configured, with its default. config/stoa.toml shows every key with one line of
// why. Read once at the start, immutable after. Each key can be overridden by the environment:
// STOA_<SECTION>_<KEY>, as in STOA_DATABASE_URL; STOA_LISTEN=address:port,... replaces the listeners.
//
// Durations are written "250ms", "30s", "15m", "7d"; sizes "64KiB", "10MiB".
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace stoa {

using Duration = std::chrono::milliseconds;

struct ByteSize {
  std::size_t bytes = 0;
  operator std::size_t() const noexcept { return bytes; }
};

// Printed as "********"; never logged.
struct Secret {
  std::string value;
};

namespace config {

using namespace std::chrono_literals;
inline constexpr std::size_t kKiB = 1024, kMiB = kKiB * kKiB;

struct Listener {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string tls_certificate;  // PEM chain; empty: no TLS
  std::string tls_key;
  // Paths here that mean others; with "/old/*" all that is below.
  std::map<std::string, std::string> aliases = {};
};

struct Server {
  std::string name = "Stoa";
  std::string public_url = "http://127.0.0.1:3000";  // in links and mails
  std::size_t shards = 0;                            // 0: one a core
  Duration shutdown_grace = 8s;                      // open requests and closing sockets
  Duration shutdown_jitter = 3s;                     // spread of the reconnects it asks for
  std::vector<std::string> trusted_proxies;  // addresses or CIDR whose X-Forwarded-For counts
};

struct Http {
  std::size_t max_connections = 20000;
  std::size_t max_connections_per_address = 200;
  ByteSize max_header_bytes{16 * kKiB};
  std::size_t max_headers = 100;
  ByteSize max_body_bytes{1 * kMiB};
  Duration header_timeout = 10s;  // from the first byte to the end of the headers
  Duration body_timeout = 30s;
  Duration idle_timeout = 60s;  // between requests
  Duration write_timeout = 30s;
  std::size_t max_requests_per_connection = 100000;
  ByteSize compress_from_bytes{1 * kKiB};
  std::vector<std::string> cors_origins;  // exact origins; "*" allows any, without credentials
  std::vector<std::string> metrics_allow = {"127.0.0.1", "::1"};
  bool hsts = false;  // set it where TLS ends here or before
};

struct Realtime {
  std::vector<std::string> origins;  // beside the server's own; "*" allows any
  bool guests = false;
  Duration authenticate_timeout = 10s;
  Duration token_warning = 60s;       // token_expiring comes this long before a token lapses
  Duration heartbeat_interval = 30s;  // two missed ones end the session
  ByteSize max_frame_bytes{64 * kKiB};
  std::size_t max_fragments = 64;      // of one message
  ByteSize max_queue_bytes{1 * kMiB};  // outbound, a session
  std::size_t max_queue_frames = 8192;
  std::size_t max_topics_per_session = 200;
  std::size_t max_in_flight = 64;      // flowing events of one session
  std::size_t max_held_events = 2000;  // while a subscription reads history
  std::size_t max_sessions = 20000;
  std::size_t max_sessions_per_user = 20;
  std::size_t max_sessions_per_address = 200;
  double events_per_second = 50;
  std::size_t events_burst = 100;
};

struct SocketIo {
  std::string path = "/socket.io";
  Duration ping_interval = 25s;  // the server asks; the client answers within ping_timeout
  Duration ping_timeout = 20s;
  Duration upgrade_timeout = 10s;  // for a WebSocket to take a session over
  Duration connect_timeout = 45s;  // a client that is in no namespace
  ByteSize max_payload_bytes{1'000'000};
  std::size_t max_packets = 10'000;  // in one polling payload
  bool late_authentication = false;  // CONNECT without a token, then `authenticate`
  Duration recovery_window = 2min;   // a lost client may come back for its session; 0: never
  std::size_t recovery_sessions = 10'000;
  ByteSize recovery_bytes{16 * kMiB};  // of what was published meanwhile, for all of them
};

struct Database {
  Secret url{"postgresql:///stoa"};
  std::size_t connections = 8;
  std::size_t queue = 1024;
  Duration queue_timeout = 2s;
  Duration statement_timeout = 5s;
  Duration connect_timeout = 3s;
};

struct TokenKey {
  std::string kid;
  Secret secret;  // at least 32 bytes
};

struct Auth {
  std::string issuer = "stoa";
  std::string audience = "stoa";
  std::vector<TokenKey> keys;  // the first signs, all verify
  Duration access_token_ttl = std::chrono::hours(7 * 24);
  Duration refresh_token_ttl = std::chrono::hours(30 * 24);
  std::size_t bcrypt_cost = 12;
  std::size_t bcrypt_threads = 2;
  std::size_t bcrypt_queue = 64;
  std::size_t max_sessions_per_user = 50;  // signed-in devices; the oldest gives way
  std::size_t login_attempts = 10;         // wrong passwords for one account before it slows down
  Duration login_wait = 1min;              // the longest wait between two attempts then
  std::size_t login_tracked = 100000;      // accounts whose attempts are remembered
  std::size_t session_cache = 100000;      // sign-ins whose state and token are remembered
  Duration session_cache_ttl = 60s;
  Duration ticket_ttl = 60s;              // of the one-time tickets that sign sockets in
  std::size_t max_tickets_per_user = 20;  // unused ones; the oldest gives way
};

struct Rooms {
  std::size_t max_participants_limit = 500;
  std::size_t max_rooms_per_user = 100;
  std::size_t max_invites_per_room = 100;
  Duration stats_interval = 250ms;  // between two room_stats_updated of one room
};

struct Chat {
  std::size_t batch = 512;           // messages committed together
  std::size_t queue = 8192;          // messages that wait for a batch
  ByteSize batch_bytes{256 * kKiB};  // of their text
  ByteSize queue_bytes{16 * kMiB};
  Duration queue_timeout = 5s;
  ByteSize max_content_bytes{16 * kKiB};
  std::size_t history_page = 50;               // recent messages at a join
  std::size_t resume_limit = 500;              // missed messages in one answer
  ByteSize answer_bytes{256 * kKiB};           // of messages in the answer to a join
  std::size_t max_reactions_per_message = 50;  // different emoji
  Duration typing_throttle = 1s;
};

struct Calls {
  std::size_t max_peers = 12;  // a mesh sends each stream to every other
};

struct Whiteboard {
  std::size_t max_boards = 1000;  // in memory: those that somebody is on
  std::size_t max_objects = 2000;
  ByteSize max_object_bytes{32 * kKiB};
  ByteSize max_board_bytes{0};  // 0: half of realtime.max_queue_bytes
  std::size_t batch = 256;      // changes committed together
  std::size_t queue = 4096;     // changes that wait for their commit
  Duration queue_timeout = 5s;
  Duration flush_interval = 20ms;  // how long changes gather for one commit
  Duration cursor_interval = 50ms;
};

// Of PeerShare's clients.
struct Groups {
  std::size_t max_groups = 10000;
  std::size_t max_members = 50;
  Duration empty_ttl = 1min;  // how long a group without people waits for somebody to come back
};

// For PeerJS clients, which look for npm's PeerServer.
struct PeerServer {
  std::string path = "/peerjs";  // served at "/" too; empty: not at all
  std::string key = "peerjs";
  bool allow_discovery = false;
  bool accounts = false;  // `key` is an access token, and the id its user's
  std::size_t concurrent_limit = 5000;
  Duration expire_timeout = 5s;  // of messages to somebody who is not there
  Duration alive_timeout = 90s;  // without a HEARTBEAT
  ByteSize max_id_bytes{128};    // of an id, and of a client's token
  // Messages to those who are not there: for one of them, and of one sender; and in all.
  std::size_t max_queue_messages = 500;
  ByteSize max_queue_bytes{256 * kKiB};
  std::size_t max_queues_messages = 100000;
  ByteSize max_queues_bytes{64 * kMiB};
  double messages_per_second = 100;  // from one socket; a call to many peers begins with a burst
  std::size_t messages_burst = 1000;
};

struct Turn {
  std::vector<std::string> stun_urls;
  std::vector<std::string> urls;  // turn:host:port?transport=udp
  Secret secret;                  // coturn's static-auth-secret
  Duration ttl = std::chrono::hours(1);
};

// Requests in a window; a user's, or a stranger's address's.
struct Rate {
  std::size_t requests;
  Duration window;
};

struct RateLimits {
  bool enabled = true;
  Rate sensitive{100, 15min};
  Rate read{3000, 1min};
  Rate write{600, 1min};
  std::size_t tracked = 200000;  // addresses and users counted at once
};

enum class LogLevel { trace, debug, info, warn, error, off };
BOOST_DESCRIBE_ENUM(LogLevel, trace, debug, info, warn, error, off)

struct Log {
  LogLevel level = LogLevel::info;
  bool access = true;  // one line a request
};

BOOST_DESCRIBE_STRUCT(Listener, (), (address, port, tls_certificate, tls_key, aliases))
BOOST_DESCRIBE_STRUCT(Server, (),
                      (name, public_url, shards, shutdown_grace, shutdown_jitter, trusted_proxies))
BOOST_DESCRIBE_STRUCT(Http, (),
                      (max_connections, max_connections_per_address, max_header_bytes, max_headers,
                       max_body_bytes, header_timeout, body_timeout, idle_timeout, write_timeout,
                       max_requests_per_connection, compress_from_bytes, cors_origins,
                       metrics_allow, hsts))
BOOST_DESCRIBE_STRUCT(Realtime, (),
                      (origins, guests, authenticate_timeout, token_warning, heartbeat_interval,
                       max_frame_bytes, max_fragments, max_queue_bytes, max_queue_frames,
                       max_topics_per_session, max_in_flight, max_held_events, max_sessions,
                       max_sessions_per_user, max_sessions_per_address, events_per_second,
                       events_burst))
BOOST_DESCRIBE_STRUCT(SocketIo, (),
                      (path, ping_interval, ping_timeout, upgrade_timeout, connect_timeout,
                       max_payload_bytes, max_packets, late_authentication, recovery_window,
                       recovery_sessions, recovery_bytes))
BOOST_DESCRIBE_STRUCT(Database, (),
                      (url, connections, queue, queue_timeout, statement_timeout, connect_timeout))
BOOST_DESCRIBE_STRUCT(TokenKey, (), (kid, secret))
BOOST_DESCRIBE_STRUCT(Auth, (),
                      (issuer, audience, keys, access_token_ttl, refresh_token_ttl, bcrypt_cost,
                       bcrypt_threads, bcrypt_queue, max_sessions_per_user, login_attempts,
                       login_wait, login_tracked, session_cache, session_cache_ttl, ticket_ttl,
                       max_tickets_per_user))
BOOST_DESCRIBE_STRUCT(Rooms, (),
                      (max_participants_limit, max_rooms_per_user, max_invites_per_room,
                       stats_interval))
BOOST_DESCRIBE_STRUCT(Chat, (),
                      (batch, queue, batch_bytes, queue_bytes, queue_timeout, max_content_bytes,
                       history_page, resume_limit, answer_bytes, max_reactions_per_message,
                       typing_throttle))
BOOST_DESCRIBE_STRUCT(Calls, (), (max_peers))
BOOST_DESCRIBE_STRUCT(Whiteboard, (),
                      (max_boards, max_objects, max_object_bytes, max_board_bytes, batch, queue,
                       queue_timeout, flush_interval, cursor_interval))
BOOST_DESCRIBE_STRUCT(Groups, (), (max_groups, max_members, empty_ttl))
BOOST_DESCRIBE_STRUCT(PeerServer, (),
                      (path, key, allow_discovery, accounts, concurrent_limit, expire_timeout,
                       alive_timeout, max_id_bytes, max_queue_messages, max_queue_bytes,
                       max_queues_messages, max_queues_bytes, messages_per_second, messages_burst))
BOOST_DESCRIBE_STRUCT(Turn, (), (stun_urls, urls, secret, ttl))
BOOST_DESCRIBE_STRUCT(Rate, (), (requests, window))
BOOST_DESCRIBE_STRUCT(RateLimits, (), (enabled, sensitive, read, write, tracked))
BOOST_DESCRIBE_STRUCT(Log, (), (level, access))

}  // namespace config

struct Config {
  std::vector<config::Listener> listener;
  config::Server server;
  config::Http http;
  config::Realtime realtime;
  config::SocketIo socketio;
  config::Database database;
  config::Auth auth;
  config::Rooms rooms;
  config::Chat chat;
  config::Calls calls;
  config::Whiteboard whiteboard;
  config::Groups groups;
  config::PeerServer peerserver;
  config::Turn turn;
  config::RateLimits rate_limits;
  config::Log log;
};
BOOST_DESCRIBE_STRUCT(Config, (),
                      (listener, server, http, realtime, socketio, database, auth, rooms, chat,
                       calls, groups, peerserver, whiteboard, turn, rate_limits, log))

// One clear line: the file, the key, what is wrong, and the nearest known key where one was unknown.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The file (none: only defaults), then the environment (NAME -> value), then the checks that need more
// than one key. Throws ConfigError.
Config load_config(const std::optional<std::filesystem::path>& file,
                   const std::map<std::string, std::string>& environment);
// What is in force, as TOML that load_config reads again but for the masked secrets.
std::string print_config(const Config& config);
// Every environment variable that load_config knows, sorted.
std::vector<std::string> config_variables();

}  // namespace stoa
