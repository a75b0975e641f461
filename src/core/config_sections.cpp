// What the server's own sections may say. Features have their own checks.
#include <stoa/core/config.hpp>
#include <stoa/core/config_check.hpp>
#include <stoa/core/page_origin.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>

namespace stoa::config {
namespace {

void path(const char* key, const std::string& value) {
  if (value == "/" || !is_plain_path(value)) refuse(key, "must be a path like \"/name\"");
}

void origins(std::string_view key, const std::vector<std::string>& list) {
  for (const auto& origin : list) {
    if (origin == "*" || canonical_origin(origin)) continue;
    if (origin.find('*') != std::string::npos) {
      refuse(key, "\"" + origin +
                      "\" has a wildcard; name each origin, as in \"https://example.org\", or "
                      "write \"*\" for any");
    }
    refuse(key, "\"" + origin +
                    "\" is no origin; write it as in \"https://example.org\", without a path");
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
  check_count(kKey, aliases.size(), 32, 0);
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

// It begins session ids, which end it with "_".
void check_node(const std::string& name) {
  constexpr std::size_t kMost = 32;
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
      std::string::npos;
  if (!plain || name.size() > kMost) {
    refuse("server.node", "must be at most 32 letters, digits and hyphens, or \"\"");
  }
}

void check_server(const Server& s, const Http& h) {
  check_node(s.node);
  if (!WebUrl::parse(s.public_url) || !origin_of_url(s.public_url))
    refuse("server.public_url", "must be an http or https address");
  check_count("server.shards", s.shards, 256, 0);
  check_size("server.max_waiting_bytes", s.max_waiting_bytes, 1 * kMiB,
             std::size_t{1024} * 1024 * kMiB);
  check_time("server.shutdown_grace", s.shutdown_grace, 100ms, 10min);
  check_time("server.shutdown_jitter", s.shutdown_jitter, 0ms, 10min);
  addresses("server.trusted_proxies", s.trusted_proxies);
  check_count("http.max_connections", h.max_connections, 1'000'000);
  check_count("http.max_connections_per_address", h.max_connections_per_address, 1'000'000);
  check_size("http.max_header_bytes", h.max_header_bytes, 1 * kKiB, 1 * kMiB);
  check_count("http.max_headers", h.max_headers, 1000, 8);
  check_size("http.max_body_bytes", h.max_body_bytes, 1 * kKiB, 64 * kMiB);
  check_size("http.max_stranger_body_bytes", h.max_stranger_body_bytes, 1 * kKiB, 64 * kMiB);
  check_count("http.max_form_parts", h.max_form_parts, 10'000);
  check_size("http.max_form_header_bytes", h.max_form_header_bytes, 1 * kKiB, 1 * kMiB);
  check_size("http.max_form_field_bytes", h.max_form_field_bytes, 1, 16 * kMiB);
  check_size("http.max_form_fields_bytes", h.max_form_fields_bytes, 1, 16 * kMiB);
  check_size("http.progress_bytes", h.progress_bytes, 1, 16 * kMiB);
  check_count("http.compress_threads", h.compress_threads, 64);
  check_count("http.compress_queue", h.compress_queue, 100'000, 0);
  check_time("http.header_timeout", h.header_timeout, 100ms, 10min);
  check_time("http.body_timeout", h.body_timeout, 100ms, 10min);
  check_time("http.idle_timeout", h.idle_timeout, 100ms, 1h);
  check_time("http.write_timeout", h.write_timeout, 100ms, 10min);
  check_size("http.max_skip_bytes", h.max_skip_bytes, 0, 16 * kMiB);
  check_size("http.page_bytes", h.page_bytes, 64 * kKiB, 64 * kMiB);
  check_size("http.max_linger_bytes", h.max_linger_bytes, 0, 1024 * kMiB);
  check_time("http.linger_timeout", h.linger_timeout, 100ms, 1min);
  check_size("http.piece_bytes", h.piece_bytes, 1 * kKiB, 16 * kMiB);
  check_count("http.max_requests_per_connection", h.max_requests_per_connection, 1'000'000'000);
  origins("http.cors_origins", h.cors_origins);
  addresses("http.metrics_allow", h.metrics_allow);
}

void check_socketio(const SocketIo& s) {
  path("socketio.path", s.path);
  check_time("socketio.ping_interval", s.ping_interval, 100ms, 10min);
  check_time("socketio.ping_timeout", s.ping_timeout, 100ms, 10min);
  check_time("socketio.upgrade_timeout", s.upgrade_timeout, 100ms, 10min);
  check_time("socketio.connect_timeout", s.connect_timeout, 100ms, 10min);
  check_size("socketio.max_payload_bytes", s.max_payload_bytes, 1 * kKiB, 16 * kMiB);
  check_count("socketio.max_packets", s.max_packets, 1'000'000);
  check_count("socketio.max_upgrades", s.max_upgrades, 1000);
  check_time("socketio.recovery_window", s.recovery_window, 0ms, 1h);
  check_count("socketio.recovery_sessions", s.recovery_sessions, 1'000'000);
  check_size("socketio.recovery_bytes", s.recovery_bytes, 64 * kKiB, 4096 * kMiB);
}

void check_realtime(const Realtime& r) {
  origins("realtime.origins", r.origins);
  check_time("realtime.authenticate_timeout", r.authenticate_timeout, 100ms, 10min);
  check_time("realtime.token_warning", r.token_warning, 1s, 1h);
  check_time("realtime.heartbeat_interval", r.heartbeat_interval, 100ms, 10min);
  check_size("realtime.max_frame_bytes", r.max_frame_bytes, 1 * kKiB, 16 * kMiB);
  check_count("realtime.max_fragments", r.max_fragments, 10'000);
  check_size("realtime.max_queue_bytes", r.max_queue_bytes, r.max_frame_bytes, 1024 * kMiB);
  check_count("realtime.max_queue_frames", r.max_queue_frames, 10'000'000, 16);
  check_count("realtime.max_topics_per_session", r.max_topics_per_session, 100'000, 2);
  check_count("realtime.max_in_flight", r.max_in_flight, 10'000);
  check_count("realtime.max_held_events", r.max_held_events, 1'000'000);
  check_count("realtime.max_sessions", r.max_sessions, 10'000'000);
  check_count("realtime.max_sessions_per_user", r.max_sessions_per_user, 1'000'000);
  check_count("realtime.max_sessions_per_address", r.max_sessions_per_address, 1'000'000);
  check_count("realtime.max_guests_per_address", r.max_guests_per_address, 1'000'000);
  check_count("realtime.max_unknown_per_address", r.max_unknown_per_address, 1'000'000);
  check_number("realtime.events_per_second", r.events_per_second, 0.1, 1'000'000.0);
  check_count("realtime.events_burst", r.events_burst, 1'000'000);
  check_size("realtime.refused_bytes_per_second", r.refused_bytes_per_second, 1 * kKiB,
             1024 * kMiB);
}

void check_database(const Database& d) {
  if (d.url.value.empty()) refuse("database.url", "must not be empty");
  check_count("database.connections", d.connections, 1000);
  check_count("database.queue", d.queue, 1'000'000);
  check_count("database.pipelines", d.pipelines, 100, 0);
  check_count("database.pipeline_depth", d.pipeline_depth, 100'000);
  check_count("database.lookups", d.lookups, 10'000'000);
  check_count("database.lookup_batch", d.lookup_batch, 10'000);
  check_time("database.queue_timeout", d.queue_timeout, 10ms, 10min);
  check_time("database.statement_timeout", d.statement_timeout, 10ms, 1h);
  check_time("database.connect_timeout", d.connect_timeout, 10ms, 10min);
}

void check_jobs(const Jobs& j) {
  check_count("jobs.workers", j.workers, 1000);
  check_time("jobs.poll", j.poll, 10ms, 10min);
  check_time("jobs.lease", j.lease, 100ms, 1h);
  check_count("jobs.attempts", j.attempts, 1000);
  check_time("jobs.first_wait", j.first_wait, 1ms, 24h);
  check_time("jobs.longest_wait", j.longest_wait, j.first_wait, 24h * 7);
  check_time("jobs.time_limit", j.time_limit, 100ms, 24h);
  check_time("jobs.chore_interval", j.chore_interval, 1s, 24h * 7);
  check_count("jobs.chore_slice", j.chore_slice, 100'000);
}

void check_audit(const Audit& a) {
  check_time("audit.retention", a.retention, 24h, 24h * 36500);
}

void check_fetch(const Fetch& f) {
  check_origin_patterns("fetch.hosts", f.hosts);
  addresses("fetch.private_networks", f.private_networks);
  addresses("fetch.refused_networks", f.refused_networks);
  check_time("fetch.connect_timeout", f.connect_timeout, 10ms, 10min);
  check_size("fetch.progress_bytes", f.progress_bytes, 1, 16 * kMiB);
  check_time("fetch.stall_timeout", f.stall_timeout, 1s, 10min);
  check_time("fetch.time_limit", f.time_limit, 10ms, 1h);
  check_size("fetch.max_request_bytes", f.max_request_bytes, 1 * kKiB, 1024 * kMiB);
  check_size("fetch.max_answer_bytes", f.max_answer_bytes, 1 * kKiB, 1024 * kMiB);
  check_count("fetch.calls", f.calls, 1000);
  check_count("fetch.calls_per_purpose", f.calls_per_purpose, f.calls);
  check_count("fetch.queue", f.queue, 100'000, 0);
  check_time("fetch.keep_alive", f.keep_alive, 0ms, 1h);
  check_authorities("fetch.ca_file", f.ca_file);
}

void check_codes(const Codes& c) {
  check_count("codes.per_target", c.per_target, 100);
  check_time("codes.per_target_window", c.per_target_window, 1min, 24h);
  check_time("codes.min_wait", c.min_wait, 0ms, 1h);
}

void check_disk(const Disk& d) {
  check_count("disk.threads", d.threads, 64);
  check_count("disk.queue", d.queue, 1'000'000, 0);
  check_count("disk.max_open_files", d.max_open_files, 1'000'000);
  check_size("disk.keep_free_bytes", d.keep_free_bytes, 0, std::size_t{1024} * 1024 * kMiB);
}

void check_storage(const Storage& s) {
  if (s.engine == StorageEngine::local && s.folder.empty()) {
    refuse("storage.folder", "the engine local needs a folder");
  }
}

void check_endpoint(const std::string& key, const std::string& url) {
  const auto origin = WebUrl::parse(url) ? origin_of_url(url) : std::nullopt;
  // The origin has no slash at its end, and none of a scheme's own ports.
  if (!origin || *origin != url) {
    refuse(
        key,
        "must be an address without a path, as in https://s3.example.org or http://10.0.0.5:9000");
  }
}

void check_s3(const S3& s, StorageEngine engine) {
  check_size("s3.part_bytes", s.part_bytes, 5 * kMiB, 512 * kMiB);
  check_size("s3.read_bytes", s.read_bytes, 64 * kKiB, 64 * kMiB);
  check_count("s3.attempts", s.attempts, 20);
  check_time("s3.first_wait", s.first_wait, 1ms, 1min);
  check_time("s3.time_limit", s.time_limit, 1s, 1h);
  check_time("s3.sweep_interval", s.sweep_interval, 100ms, 24h);
  check_time("s3.abandoned_after", s.abandoned_after, 1s, 24h * 30);
  if (engine != StorageEngine::s3) return;
  check_endpoint("s3.endpoint", s.endpoint);
  if (!s.public_endpoint.empty()) check_endpoint("s3.public_endpoint", s.public_endpoint);
  if (s.region.empty())
    refuse("s3.region", "the engine s3 needs a region; \"us-east-1\" where the service has none");
  if (s.bucket.empty() ||
      s.bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos) {
    refuse("s3.bucket", "the engine s3 needs a bucket: small letters, digits, dots and hyphens");
  }
  if (s.access_key.empty()) refuse("s3.access_key", "the engine s3 needs one");
  if (s.secret_key.value.empty()) refuse("s3.secret_key", "the engine s3 needs one");
  if (s.prefix.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/") !=
          std::string::npos ||
      s.prefix.starts_with('/')) {
    refuse("s3.prefix",
           "letters, digits, \"-\", \"_\" and \"/\", not with a slash at its beginning");
  }
}

void check_rate(const std::string& name, const Rate& rate) {
  const std::string key = "rate_limits." + name;
  check_count(key + ".requests", rate.requests, 1'000'000'000);
  check_time(key + ".window", rate.window, 1s, 24h);
}

void check_rates(const RateLimits& r) {
  check_rate("sensitive", r.sensitive);
  check_rate("registration", r.registration);
  check_rate("codes", r.codes);
  check_rate("renewal", r.renewal);
  check_rate("identity", r.identity);
  check_rate("handshake", r.handshake);
  check_rate("avatars", r.avatars);
  check_rate("read", r.read);
  check_rate("write", r.write);
  check_rate("events", r.events);
  check_rate("guest_events", r.guest_events);
  check_rate("guest_socket_events", r.guest_socket_events);
  check_size("rate_limits.answers.bytes", r.answers.bytes, 64 * kKiB, 1024 * 1024 * kMiB);
  check_time("rate_limits.answers.window", r.answers.window, 1s, 24h);
  check_size("rate_limits.changes.bytes", r.changes.bytes, 16 * kKiB, 1024 * 1024 * kMiB);
  check_time("rate_limits.changes.window", r.changes.window, 1s, 24h);
  check_count("rate_limits.tracked", r.tracked, 100'000'000, 16);
}

void check_log(const Log& l) {
  check_time("log.period", l.period, 1s, 24h);
  check_count("log.lines", l.lines, 1'000'000'000);
  check_count("log.access_lines", l.access_lines, 1'000'000'000);
}

}  // namespace

void check(const Config& config) {
  check_listeners(config.listener);
  check_server(config.server, config.http);
  check_realtime(config.realtime);
  check_socketio(config.socketio);
  check_database(config.database);
  check_jobs(config.jobs);
  check_audit(config.audit);
  check_fetch(config.fetch);
  check_disk(config.disk);
  check_storage(config.storage);
  check_s3(config.s3, config.storage.engine);
  check_codes(config.codes);
  check_rates(config.rate_limits);
  check_log(config.log);
}

}  // namespace stoa::config
