#include "core/config_value.hpp"

#include <stoa/core/values.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace stoa::config {
namespace {

[[noreturn]] void refuse(std::string_view key, std::string_view why) {
  throw ConfigError(std::string(key) + ": " + std::string(why));
}

template <class T>
void between(std::string_view key, const T& value, const T& least, const T& most) {
  if (value >= least && value <= most) return;
  std::string text;
  print_value(text, least);
  text += " to ";
  print_value(text, most);
  text += ", not ";
  print_value(text, value);
  refuse(key, "must be " + text);
}
void count(std::string_view key, std::size_t value, std::size_t most, std::size_t least = 1) {
  between<std::size_t>(key, value, least, most);
}
void size(std::string_view key, ByteSize value, std::size_t least, std::size_t most) {
  if (value.bytes < least || value.bytes > most)
    between(key, value, ByteSize{least}, ByteSize{most});
}
void time(std::string_view key, Duration value, Duration least, Duration most) {
  between(key, value, least, most);
}

// "https://example.org:8443", or "*".
// "/", or segments of plain characters.
bool is_plain_path(std::string_view path) {
  if (path == "/") return true;
  if (!path.starts_with('/') || path.ends_with('/')) return false;
  const bool plain = path.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
                     std::string_view::npos;
  return plain && path.find("//") == std::string_view::npos &&
         path.find("/.") == std::string_view::npos;
}

void path(const char* key, const std::string& value) {
  if (value == "/" || !is_plain_path(value)) refuse(key, "must be a path like \"/name\"");
}

void origins(std::string_view key, const std::vector<std::string>& list) {
  for (const auto& origin : list) {
    if (origin == "*") continue;
    const auto slashes = origin.find("://");
    if (!WebUrl::parse(origin) || origin.find('/', slashes + 3) != std::string::npos) {
      refuse(key, "\"" + origin +
                      "\" is no origin; write it as in \"https://example.org\", without a path");
    }
  }
}

void addresses(std::string_view key, const std::vector<std::string>& list) {
  for (const auto& item : list) {
    if (!is_address(item, true)) {
      refuse(key, "\"" + item + "\" is neither an address nor a network as in \"10.0.0.0/8\"");
    }
  }
}

// "/old", or "/old/*".
bool is_alias_path(std::string_view text, std::string_view form) {
  if (form == "/*") text.remove_suffix(2);
  if (text.empty()) return form == "/*";
  if (text == "/") return form.empty();
  if (text.front() != '/' || text.size() > 256) return false;
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto segment = text.substr(0, text.find('/'));
    const bool plain = std::all_of(segment.begin(), segment.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.' || c == '~';
    });
    if (!plain || segment.empty() || segment == "." || segment == "..") return false;
    text.remove_prefix(segment.size());
  }
  return true;
}

void check_aliases(const std::map<std::string, std::string>& aliases) {
  constexpr std::string_view kKey = "listener.aliases";
  const auto form = [](std::string_view text) { return text.ends_with("/*") ? "/*" : ""; };
  count(kKey, aliases.size(), 32, 0);
  for (const auto& [from, to] : aliases) {
    for (const auto& path : {from, to}) {
      if (is_alias_path(path, form(path))) continue;
      refuse(kKey,
             "\"" + path + "\" is no path; write \"/old\", or \"/old/*\" for all that is below it");
    }
    std::string both = "\"";
    both.append(from).append("\" leads to \"").append(to).append("\"");
    if (std::string_view(form(from)) != form(to)) {
      refuse(kKey, both + "; either both end in /* or neither does");
    }
    if (from == to) refuse(kKey, both + ", which is the same");
    if (aliases.contains(to)) refuse(kKey, both + ", which is an alias itself");
  }
}

void check_listeners(const std::vector<Listener>& listeners) {
  std::set<std::pair<std::string, std::uint16_t>> seen;
  for (const auto& l : listeners) {
    if (!is_address(l.address)) {
      refuse("listener.address", "\"" + l.address + "\" is no numeric address");
    }
    if (l.tls_certificate.empty() != l.tls_key.empty()) {
      refuse("listener.tls_certificate", "tls_certificate and tls_key go together; one is missing");
    }
    check_aliases(l.aliases);
    if (l.port != 0 && !seen.emplace(l.address, l.port).second) {
      refuse("listener.port", l.address + ":" + std::to_string(l.port) + " stands there twice");
    }
  }
}

void check_keys(const Config& config) {
  constexpr std::size_t kLeast = 32;  // RFC 7518 section 3.2: as long as the hash
  const bool loopback = std::all_of(config.listener.begin(), config.listener.end(),
                                    [](const Listener& l) { return is_loopback(l.address); });
  if (config.auth.keys.empty() && !loopback) {
    refuse("auth.keys",
           "no key signs the tokens; only a server that listens on loopback alone makes its own");
  }
  std::set<std::string> kids;
  for (const auto& key : config.auth.keys) {
    if (key.kid.empty() || key.kid.size() > 64)
      refuse("auth.keys.kid", "must have 1 to 64 characters");
    if (!kids.insert(key.kid).second)
      refuse("auth.keys.kid", "\"" + key.kid + "\" stands there twice");
    if (key.secret.value.size() < kLeast) {
      refuse("auth.keys.secret", "the key \"" + key.kid + "\" has fewer than 32 bytes");
    }
  }
}

void check_server(const Server& s, const Http& h) {
  if (!WebUrl::parse(s.public_url)) refuse("server.public_url", "must be an http or https address");
  count("server.shards", s.shards, 256, 0);
  time("server.shutdown_grace", s.shutdown_grace, 100ms, 10min);
  time("server.shutdown_jitter", s.shutdown_jitter, 0ms, 10min);
  addresses("server.trusted_proxies", s.trusted_proxies);
  count("http.max_connections", h.max_connections, 1'000'000);
  count("http.max_connections_per_address", h.max_connections_per_address, 1'000'000);
  size("http.max_header_bytes", h.max_header_bytes, 1 * kKiB, 1 * kMiB);
  count("http.max_headers", h.max_headers, 1000, 8);
  size("http.max_body_bytes", h.max_body_bytes, 1 * kKiB, 64 * kMiB);
  time("http.header_timeout", h.header_timeout, 100ms, 10min);
  time("http.body_timeout", h.body_timeout, 100ms, 10min);
  time("http.idle_timeout", h.idle_timeout, 100ms, 1h);
  time("http.write_timeout", h.write_timeout, 100ms, 10min);
  count("http.max_requests_per_connection", h.max_requests_per_connection, 1'000'000'000);
  origins("http.cors_origins", h.cors_origins);
  addresses("http.metrics_allow", h.metrics_allow);
}

void check_socketio(const SocketIo& s) {
  path("socketio.path", s.path);
  time("socketio.ping_interval", s.ping_interval, 100ms, 10min);
  time("socketio.ping_timeout", s.ping_timeout, 100ms, 10min);
  time("socketio.upgrade_timeout", s.upgrade_timeout, 100ms, 10min);
  time("socketio.connect_timeout", s.connect_timeout, 100ms, 10min);
  size("socketio.max_payload_bytes", s.max_payload_bytes, 1 * kKiB, 16 * kMiB);
  count("socketio.max_packets", s.max_packets, 1'000'000);
  time("socketio.recovery_window", s.recovery_window, 0ms, 1h);
  count("socketio.recovery_sessions", s.recovery_sessions, 1'000'000);
  size("socketio.recovery_bytes", s.recovery_bytes, 64 * kKiB, 4096 * kMiB);
}

void check_realtime(const Realtime& r) {
  origins("realtime.origins", r.origins);
  time("realtime.authenticate_timeout", r.authenticate_timeout, 100ms, 10min);
  time("realtime.token_warning", r.token_warning, 1s, 1h);
  time("realtime.heartbeat_interval", r.heartbeat_interval, 100ms, 10min);
  size("realtime.max_frame_bytes", r.max_frame_bytes, 1 * kKiB, 16 * kMiB);
  count("realtime.max_fragments", r.max_fragments, 10'000);
  size("realtime.max_queue_bytes", r.max_queue_bytes, r.max_frame_bytes, 1024 * kMiB);
  count("realtime.max_queue_frames", r.max_queue_frames, 10'000'000, 16);
  count("realtime.max_topics_per_session", r.max_topics_per_session, 100'000, 2);
  count("realtime.max_in_flight", r.max_in_flight, 10'000);
  count("realtime.max_held_events", r.max_held_events, 1'000'000);
  count("realtime.max_sessions", r.max_sessions, 10'000'000);
  count("realtime.max_sessions_per_user", r.max_sessions_per_user, 1'000'000);
  count("realtime.max_sessions_per_address", r.max_sessions_per_address, 1'000'000);
  between("realtime.events_per_second", r.events_per_second, 0.1, 1'000'000.0);
  count("realtime.events_burst", r.events_burst, 1'000'000);
}

void check_database(const Database& d) {
  if (d.url.value.empty()) refuse("database.url", "must not be empty");
  count("database.connections", d.connections, 1000);
  count("database.queue", d.queue, 1'000'000);
  time("database.queue_timeout", d.queue_timeout, 10ms, 10min);
  time("database.statement_timeout", d.statement_timeout, 10ms, 1h);
  time("database.connect_timeout", d.connect_timeout, 10ms, 10min);
}

void check_auth(const Auth& a) {
  if (a.issuer.empty()) refuse("auth.issuer", "must not be empty");
  if (a.audience.empty()) refuse("auth.audience", "must not be empty");
  time("auth.access_token_ttl", a.access_token_ttl, 1s, 24h * 400);
  time("auth.refresh_token_ttl", a.refresh_token_ttl, 1s, 24h * 400);
  if (a.refresh_token_ttl < a.access_token_ttl) {
    refuse("auth.refresh_token_ttl", "must not be shorter than auth.access_token_ttl");
  }
  count("auth.bcrypt_cost", a.bcrypt_cost, 18, 4);
  count("auth.bcrypt_threads", a.bcrypt_threads, 64);
  count("auth.bcrypt_queue", a.bcrypt_queue, 100'000);
  count("auth.max_sessions_per_user", a.max_sessions_per_user, 10'000);
  count("auth.login_attempts", a.login_attempts, 1'000'000);
  time("auth.login_wait", a.login_wait, 1s, 1h);
  count("auth.login_tracked", a.login_tracked, 100'000'000, 16);
  count("auth.session_cache", a.session_cache, 10'000'000, 16);
  time("auth.session_cache_ttl", a.session_cache_ttl, 0ms, 1h);
  time("auth.ticket_ttl", a.ticket_ttl, 1s, 1h);
  count("auth.max_tickets_per_user", a.max_tickets_per_user, 10'000);
}

void check_peerserver(const PeerServer& p) {
  if (!p.path.empty() && !is_plain_path(p.path)) {
    refuse("peerserver.path", "\"" + p.path + "\" is no path as in \"/peerjs\"");
  }
  if (p.key.empty() || !is_plain_path("/" + p.key) || p.key.find('/') != std::string::npos) {
    refuse("peerserver.key", "must be one or more of A-Z, a-z, 0-9, \"-\", \"_\" and \".\"");
  }
  count("peerserver.concurrent_limit", p.concurrent_limit, 10'000'000);
  time("peerserver.expire_timeout", p.expire_timeout, 100ms, 1h);
  time("peerserver.alive_timeout", p.alive_timeout, 100ms, 24h);
  size("peerserver.max_id_bytes", p.max_id_bytes, 36, 4 * kKiB);
  count("peerserver.max_queue_messages", p.max_queue_messages, 1'000'000);
  size("peerserver.max_queue_bytes", p.max_queue_bytes, kKiB, 1024 * kMiB);
  count("peerserver.max_queues_messages", p.max_queues_messages, 100'000'000, p.max_queue_messages);
  size("peerserver.max_queues_bytes", p.max_queues_bytes, p.max_queue_bytes, 65536 * kMiB);
  between("peerserver.messages_per_second", p.messages_per_second, 0.1, 1'000'000.0);
  count("peerserver.messages_burst", p.messages_burst, 1'000'000);
}

void check_features(const Config& c) {
  count("rooms.max_participants_limit", c.rooms.max_participants_limit, 500, 2);
  count("rooms.max_rooms_per_user", c.rooms.max_rooms_per_user, 1'000'000);
  count("rooms.max_invites_per_room", c.rooms.max_invites_per_room, 100'000);
  time("rooms.stats_interval", c.rooms.stats_interval, 0ms, 1min);
  count("chat.batch", c.chat.batch, 100'000);
  count("chat.queue", c.chat.queue, 10'000'000, c.chat.batch);
  size("chat.batch_bytes", c.chat.batch_bytes, kKiB, 64 * kMiB);
  size("chat.queue_bytes", c.chat.queue_bytes, c.chat.batch_bytes, 16 * 1024 * kMiB);
  time("chat.queue_timeout", c.chat.queue_timeout, 10ms, 10min);
  size("chat.max_content_bytes", c.chat.max_content_bytes, 64, c.realtime.max_frame_bytes);
  count("chat.history_page", c.chat.history_page, 100);
  count("chat.resume_limit", c.chat.resume_limit, 10'000);
  size("chat.answer_bytes", c.chat.answer_bytes, kKiB, c.realtime.max_queue_bytes / 2);
  count("chat.max_reactions_per_message", c.chat.max_reactions_per_message, 1000);
  time("chat.typing_throttle", c.chat.typing_throttle, 0ms, 1min);
  count("calls.max_peers", c.calls.max_peers, 100, 2);
  count("whiteboard.max_boards", c.whiteboard.max_boards, 1'000'000);
  count("whiteboard.max_objects", c.whiteboard.max_objects, 1'000'000);
  size("whiteboard.max_object_bytes", c.whiteboard.max_object_bytes, 64,
       c.realtime.max_frame_bytes);
  size("whiteboard.max_board_bytes", c.whiteboard.max_board_bytes, 0,
       c.realtime.max_queue_bytes / 2);
  count("whiteboard.batch", c.whiteboard.batch, 100'000);
  count("whiteboard.queue", c.whiteboard.queue, 10'000'000, c.whiteboard.batch);
  time("whiteboard.queue_timeout", c.whiteboard.queue_timeout, 10ms, 10min);
  time("whiteboard.flush_interval", c.whiteboard.flush_interval, 0ms, 1s);
  time("whiteboard.cursor_interval", c.whiteboard.cursor_interval, 0ms, 1min);
  count("groups.max_groups", c.groups.max_groups, 1'000'000);
  count("groups.max_members", c.groups.max_members, 1000, 2);
  time("groups.empty_ttl", c.groups.empty_ttl, 0ms, 24h);
  for (const auto& url : c.turn.stun_urls) {
    if (!url.starts_with("stun:") && !url.starts_with("stuns:")) {
      refuse("turn.stun_urls", "\"" + url + "\" does not begin with stun: or stuns:");
    }
  }
  for (const auto& url : c.turn.urls) {
    if (!url.starts_with("turn:") && !url.starts_with("turns:")) {
      refuse("turn.urls", "\"" + url + "\" does not begin with turn: or turns:");
    }
  }
  if (!c.turn.urls.empty() && c.turn.secret.value.empty()) {
    refuse("turn.secret", "turn.urls need the secret that the TURN server knows");
  }
  time("turn.ttl", c.turn.ttl, 1min, 24h * 7);
}

void check_rates(const RateLimits& r) {
  for_each_member(r, []<class Member>(std::string_view name, const Member& rate) {
    if constexpr (std::is_same_v<Member, Rate>) {
      const std::string key = "rate_limits." + std::string(name);
      count(key + ".requests", rate.requests, 1'000'000'000);
      time(key + ".window", rate.window, 1s, 24h);
    }
  });
  count("rate_limits.tracked", r.tracked, 100'000'000, 16);
}

}  // namespace

void check(const Config& config) {
  check_listeners(config.listener);
  check_server(config.server, config.http);
  check_realtime(config.realtime);
  check_socketio(config.socketio);
  check_database(config.database);
  check_keys(config);
  check_auth(config.auth);
  check_features(config);
  check_peerserver(config.peerserver);
  check_rates(config.rate_limits);
}

}  // namespace stoa::config
