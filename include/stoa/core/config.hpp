#pragma once
// What can be configured, with its default: the server's own sections here, a feature's in its own header.
// config/stoa.toml shows every key with one line of why. Read once at the start, immutable after. Each key can be
// overridden by the environment:
// STOA_<SECTION>_<KEY>, as in STOA_DATABASE_URL; STOA_LISTEN=address:port,... replaces the listeners.
//
// Durations are written "250ms", "30s", "15m", "7d"; sizes "64KiB", "10MiB".
#include <stoa/core/config_section.hpp>
#include <stoa/core/config_types.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace stoa {

namespace config {

struct Listener {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string tls_certificate;  // PEM chain; empty: no TLS
  std::string tls_key;
  bool shared = false;  // another server may have the same port, and a part of its connections
  // Paths here that mean others; with "/old/*" all that is below.
  std::map<std::string, std::string> aliases = {};
};

struct Server {
  std::string name = "Stoa";
  std::string node;  // this process among others; empty: a name is made up at each start
  std::string public_url = "http://127.0.0.1:3000";  // in links and mails
  std::size_t shards = 0;                            // 0: one a core
  ByteSize max_waiting_bytes{512 * kMiB};            // for clients, of all connections
  Duration shutdown_grace = 8s;                      // open requests and closing sockets
  Duration shutdown_jitter = 3s;                     // spread of the reconnects it asks for
  std::vector<std::string> trusted_proxies;  // addresses or CIDR whose X-Forwarded-For counts
};

struct Http {
  std::size_t max_connections = 20000;
  std::size_t max_connections_per_address = 4000;
  ByteSize max_header_bytes{16 * kKiB};
  std::size_t max_headers = 100;
  ByteSize max_body_bytes{1 * kMiB};
  ByteSize max_stranger_body_bytes{16 * kKiB};  // where one need not be signed in
  // Of forms with a file. Their fields are held until the handler has them, their files are not.
  std::size_t max_form_parts = 64;  // fields and file
  ByteSize max_form_header_bytes{8 * kKiB};
  ByteSize max_form_field_bytes{32 * kKiB};
  ByteSize max_form_fields_bytes{128 * kKiB};  // all together, with their names
  Duration header_timeout = 10s;               // from the first byte to the end of the headers
  // So much of a body must come in each body_timeout, and so much of an answer be taken in each write_timeout.
  ByteSize progress_bytes{64 * kKiB};
  Duration body_timeout = 30s;
  Duration idle_timeout = 60s;  // between requests
  Duration write_timeout = 30s;
  // Of what a client sends of a body that is not wanted: read and forgotten, so that it reads its answer.
  ByteSize max_skip_bytes{64 * kKiB};   // and the connection goes on; beyond, it ends
  ByteSize max_linger_bytes{8 * kMiB};  // before it ends
  ByteSize page_bytes{256 * kKiB};      // of a list's rows in one answer
  Duration linger_timeout = 2s;         // likewise, and for the goodbye over TLS
  ByteSize piece_bytes{64 * kKiB};      // of a file that is sent, in memory at once
  std::size_t max_requests_per_connection = 100000;
  ByteSize compress_from_bytes{1 * kKiB};
  std::size_t compress_threads = 1;  // for long answers, beside the shards
  std::size_t compress_queue = 64;
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
  std::size_t max_sessions_per_address = 4000;
  std::size_t max_guests_per_address = 200;   // of them: without an account
  std::size_t max_unknown_per_address = 200;  // of them: not known yet whose; the oldest gives way
  double events_per_second = 50;
  std::size_t events_burst = 100;
  ByteSize refused_bytes_per_second{64 * kKiB};  // of one socket, once a rate has refused it
};

struct SocketIo {
  std::string path = "/socket.io";
  Duration ping_interval = 25s;  // the server asks; the client answers within ping_timeout
  Duration ping_timeout = 20s;
  Duration upgrade_timeout = 10s;  // for a WebSocket to take a session over
  Duration connect_timeout = 45s;  // a client that is in no namespace
  ByteSize max_payload_bytes{1'000'000};
  std::size_t max_packets = 10'000;  // in one polling payload
  std::size_t max_upgrades = 10;     // WebSockets that may try to take one session over
  bool late_authentication = false;  // CONNECT without a token, then `authenticate`
  Duration recovery_window = 2min;   // a lost client may come back for its session; 0: never
  std::size_t recovery_sessions = 10'000;
  ByteSize recovery_bytes{16 * kMiB};  // of what was published meanwhile, for all of them
};

struct Database {
  Secret url{"postgresql:///stoa"};
  std::size_t connections = 8;
  std::size_t queue = 1024;
  std::size_t pipelines = 2;
  std::size_t pipeline_depth = 256;
  std::size_t lookups = 10'000;
  std::size_t lookup_batch = 256;
  Duration queue_timeout = 2s;
  Duration statement_timeout = 5s;
  Duration connect_timeout = 3s;
};

// What is done later; each kind of job may have its own of the middle four.
struct Jobs {
  std::size_t workers = 4;    // handlers at work at once
  Duration poll = 2s;         // how late a job may be that was enqueued elsewhere
  Duration lease = 30s;       // how long the jobs of a process that died are left alone
  std::size_t attempts = 15;  // then it is parked
  Duration first_wait = 5s;   // before the second attempt; then doubled each time
  Duration longest_wait = 1h;
  Duration time_limit = 5min;  // of one attempt
  Duration chore_interval = 1h;
  std::size_t chore_slice = 1000;  // rows in one transaction
};

// The record of who did what to what.
struct Audit {
  Duration retention = 24h * 365;
};

// Calls to other services. Which hosts a feature calls stands in its own section.
struct Fetch {
  std::vector<std::string> hosts;             // none: all that the features name
  std::vector<std::string> private_networks;  // of those that are not public, these may be called
  std::vector<std::string> refused_networks;  // never called, whatever else names them
  Duration connect_timeout = 5s;              // name, connection and TLS
  // So much of an answer, or of a request, must get on in each stall_timeout.
  ByteSize progress_bytes{1 * kKiB};
  Duration stall_timeout = 15s;
  Duration time_limit = 30s;  // of one call, with its wait for a turn
  ByteSize max_request_bytes{16 * kMiB};
  ByteSize max_answer_bytes{1 * kMiB};  // head and body
  std::size_t calls = 32;               // at once
  std::size_t calls_per_purpose = 16;
  std::size_t queue = 128;  // of one purpose
  Duration keep_alive = 30s;
  std::string ca_file;  // PEM; empty: the system's
};

// Files.
struct Disk {
  std::size_t threads = 4;
  std::size_t queue = 256;
  std::size_t max_open_files = 1024;
  ByteSize keep_free_bytes{256 * kMiB};  // of the file system
};

// Where the bytes of people's files lie.
enum class StorageEngine { local, s3 };
BOOST_DESCRIBE_ENUM(StorageEngine, local, s3)

struct Storage {
  StorageEngine engine = StorageEngine::local;
  std::string folder = "var/files";  // of the engine local
};

// A service that speaks S3, for storage.engine = "s3".
struct S3 {
  std::string endpoint;         // "https://s3.eu-central-1.amazonaws.com", without a path
  std::string public_endpoint;  // in links for browsers; empty: the same
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;  // of all keys: "stoa/"
  std::string access_key;
  Secret secret_key;
  Secret session_token;
  bool path_style = true;          // the bucket in the path, not in the host's name
  ByteSize part_bytes{5 * kMiB};   // of what is sent; held in memory, twice while it is under way
  ByteSize read_bytes{1 * kMiB};   // of what is read at a time
  std::size_t attempts = 4;        // of one call
  Duration first_wait = 200ms;     // before the second, doubled for each further one
  Duration time_limit = 5min;      // of one attempt
  Duration sweep_interval = 1h;    // how often uploads in parts are looked for that nobody finishes
  Duration abandoned_after = 24h;  // when nobody is taken to finish one
};

// Codes that are good once, as mails and text messages bring them.
struct Codes {
  std::size_t per_target = 5;
  Duration per_target_window = 1h;
  Duration min_wait = 60s;  // between two to one target
};

// Requests in a window; a user's, or a stranger's address's.
struct Rate {
  std::size_t requests;
  Duration window;
};

struct ByteRate {
  ByteSize bytes;
  Duration window;
};

struct RateLimits {
  bool enabled = true;
  Rate sensitive{100, 15min};
  Rate registration{100, 15min};
  Rate codes{1000, 15min};
  Rate renewal{3000, 15min};
  Rate identity{60, 15min};
  Rate handshake{3000, 1min};
  Rate avatars{6000, 1min};
  Rate read{3000, 1min};
  Rate write{600, 1min};
  Rate events{2000, 10s};              // of sockets, whatever they are
  Rate guest_events{30000, 10s};       // of the sockets without an account of an address
  Rate guest_socket_events{100, 10s};  // of each of them, before it draws on those
  ByteRate answers{{64 * kMiB}, 1min};
  ByteRate changes{{kMiB}, 1min};
  std::size_t tracked = 300000;  // addresses and users counted at once
};

enum class LogLevel { trace, debug, info, warn, error, off };
BOOST_DESCRIBE_ENUM(LogLevel, trace, debug, info, warn, error, off)

// For frontends that were written for another server.
struct Compat {
  bool mongo_ids = false;  // records have `_id` beside `id`
};

struct Log {
  LogLevel level = LogLevel::info;
  bool access = true;  // one line a request
  // Of one kind in a period; how many more there were is one line then.
  Duration period = 1min;
  std::size_t lines = 1000;
  std::size_t access_lines = 6000;  // of requests, on each event loop
};

BOOST_DESCRIBE_STRUCT(Listener, (), (address, port, tls_certificate, tls_key, shared, aliases))
BOOST_DESCRIBE_STRUCT(Server, (),
                      (name, node, public_url, shards, max_waiting_bytes, shutdown_grace,
                       shutdown_jitter, trusted_proxies))
BOOST_DESCRIBE_STRUCT(Http, (),
                      (max_connections, max_connections_per_address, max_header_bytes, max_headers,
                       max_body_bytes, max_stranger_body_bytes, max_form_parts,
                       max_form_header_bytes, max_form_field_bytes, max_form_fields_bytes,
                       header_timeout, progress_bytes, body_timeout, idle_timeout, write_timeout,
                       max_skip_bytes, max_linger_bytes, linger_timeout, page_bytes, piece_bytes,
                       max_requests_per_connection, compress_from_bytes, compress_threads,
                       compress_queue, cors_origins, metrics_allow, hsts))
BOOST_DESCRIBE_STRUCT(Realtime, (),
                      (origins, guests, authenticate_timeout, token_warning, heartbeat_interval,
                       max_frame_bytes, max_fragments, max_queue_bytes, max_queue_frames,
                       max_topics_per_session, max_in_flight, max_held_events, max_sessions,
                       max_sessions_per_user, max_sessions_per_address, max_guests_per_address,
                       max_unknown_per_address, events_per_second, events_burst,
                       refused_bytes_per_second))
BOOST_DESCRIBE_STRUCT(SocketIo, (),
                      (path, ping_interval, ping_timeout, upgrade_timeout, connect_timeout,
                       max_payload_bytes, max_packets, max_upgrades, late_authentication,
                       recovery_window, recovery_sessions, recovery_bytes))
BOOST_DESCRIBE_STRUCT(Database, (),
                      (url, connections, queue, pipelines, pipeline_depth, lookups, lookup_batch,
                       queue_timeout, statement_timeout, connect_timeout))
BOOST_DESCRIBE_STRUCT(Jobs, (),
                      (workers, poll, lease, attempts, first_wait, longest_wait, time_limit,
                       chore_interval, chore_slice))
BOOST_DESCRIBE_STRUCT(Audit, (), (retention))
BOOST_DESCRIBE_STRUCT(Fetch, (),
                      (hosts, private_networks, refused_networks, connect_timeout, progress_bytes,
                       stall_timeout, time_limit, max_request_bytes, max_answer_bytes, calls,
                       calls_per_purpose, queue, keep_alive, ca_file))
BOOST_DESCRIBE_STRUCT(Disk, (), (threads, queue, max_open_files, keep_free_bytes))
BOOST_DESCRIBE_STRUCT(Storage, (), (engine, folder))
BOOST_DESCRIBE_STRUCT(S3, (),
                      (endpoint, public_endpoint, region, bucket, prefix, access_key, secret_key,
                       session_token, path_style, part_bytes, read_bytes, attempts, first_wait,
                       time_limit, sweep_interval, abandoned_after))
BOOST_DESCRIBE_STRUCT(Codes, (), (per_target, per_target_window, min_wait))
BOOST_DESCRIBE_STRUCT(Rate, (), (requests, window))
BOOST_DESCRIBE_STRUCT(ByteRate, (), (bytes, window))
BOOST_DESCRIBE_STRUCT(RateLimits, (),
                      (enabled, sensitive, registration, codes, renewal, identity, handshake,
                       avatars, read, write, events, guest_events, guest_socket_events, answers,
                       changes, tracked))
BOOST_DESCRIBE_STRUCT(Compat, (), (mongo_ids))
BOOST_DESCRIBE_STRUCT(Log, (), (level, access, period, lines, access_lines))

// "127.0.0.1:3000,[::1]:3000", as in STOA_LISTEN.
bool from_text(std::string_view text, std::vector<Listener>& out);
std::string expected(const std::vector<Listener>&);

}  // namespace config

struct Config {
  std::vector<config::Listener> listener;
  config::Server server;
  config::Http http;
  config::Realtime realtime;
  config::SocketIo socketio;
  config::Database database;
  config::Jobs jobs;
  config::Audit audit;
  config::Fetch fetch;
  config::Disk disk;
  config::Storage storage;
  config::S3 s3;
  config::Codes codes;
  config::RateLimits rate_limits;
  config::Compat compat;
  config::Log log;
  // The features' own.
  std::vector<std::shared_ptr<config::Section>> sections;
  // The variables of the environment that were read: "STOA_MAIL_PASSWORD".
  std::set<std::string> from_environment = {};

  // Throws std::logic_error where the configuration was loaded without it.
  template <class T>
  const T& section() const {
    return *static_cast<const T*>(values_of(typeid(T)));
  }

 private:
  const void* values_of(std::type_index type) const;
};

// `sections`: the features' own; a second one of a name is a std::logic_error. The values come from the file (none:
// only defaults), then from the environment (NAME -> value); then everything is checked. Throws ConfigError.
Config load_config(const std::optional<std::filesystem::path>& file,
                   const std::map<std::string, std::string>& environment,
                   std::span<const config::SectionType> sections = {});
// What is in force, as TOML that load_config reads again but for the masked secrets.
std::string print_config(const Config& config);
// Every environment variable that load_config knows, sorted.
std::vector<std::string> config_variables(std::span<const config::SectionType> sections = {});

}  // namespace stoa
