#include "http/access_log.hpp"

#include "http/printable.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/time.hpp>

#include <algorithm>
#include <utility>

namespace stoa::http {
namespace {

constexpr auto kGather = std::chrono::milliseconds(20);
constexpr std::size_t kMost = 64 * config::kKiB;  // bytes that gather
constexpr std::size_t kLoggedPath = 256;          // bytes of a path that the log keeps

// A tenth of a microsecond is enough for a log.
double milliseconds(std::chrono::nanoseconds taken) {
  using Tenths = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  const auto tenths = std::chrono::duration_cast<Tenths>(taken);
  return static_cast<double>(tenths.count()) / 10000.0;
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, value);
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  out.append(",\"").append(name).append("\":");
  append_json_number(out, value);
}

}  // namespace

AccessLog::AccessLog(const Executor& executor, const config::Log& config)
    : timer_(executor),
      wanted_(config.access),
      period_(config.period),
      limit_(config.access_lines),
      ends_(Clock::now() + config.period) {}

AccessLog::~AccessLog() {
  end_period(Clock::time_point::max());
  flush();
}

void AccessLog::add(const Request& request, std::string_view path, int status, std::size_t bytes,
                    std::chrono::nanoseconds taken) {
  if (!is_wanted()) return;
  const bool is_refused = status >= 400 && status < 500;
  kind_ = R"(,"of":"request")";
  if (!is_refused) append_text(kind_, "route", request.route);
  append_number(kind_, "status", status);
  if (!admits()) return;
  begin("request");
  append_text(lines_, "method", name(request.method));
  append_text(lines_, "route", request.route);
  append_text(lines_, "path", path.substr(0, kLoggedPath));
  append_number(lines_, "status", status);
  append_number(lines_, "bytes", static_cast<std::int64_t>(bytes));
  lines_ += ",\"ms\":";
  append_json_number(lines_, milliseconds(taken));
  append_text(lines_, "address", request.client.address);
  if (request.caller) append_text(lines_, "user", request.caller->user.str());
  append_text(lines_, "requestId", request.client.request_id);
  // Of answers of 403 and to preflights: it may be why, and names the page that has to be let in.
  const auto origin = status == 403 || request.method == Method::options
                          ? request.headers.find("origin")
                          : std::nullopt;
  if (origin) append_text(lines_, "origin", printable(*origin));
  end();
}

void AccessLog::add_refusal(std::string_view address, int status, std::string_view reason) {
  if (!is_wanted()) return;
  kind_ = R"(,"of":"request_refused")";
  append_number(kind_, "status", status);
  append_text(kind_, "reason", reason);
  if (!admits()) return;
  begin("request_refused");
  append_text(lines_, "address", address);
  append_number(lines_, "status", status);
  append_text(lines_, "reason", reason);
  end();
}

void AccessLog::end_period(Clock::time_point now) {
  if (now < ends_) return;
  ends_ = now + std::min<Clock::duration>(period_, Clock::time_point::max() - now);
  for (const log::Limit::LeftOut& of : limit_.end_period()) {
    head("warn", "log_lines_left_out");
    lines_ += of.kind.empty() ? std::string_view(R"(,"of":"others")") : of.kind;
    append_number(lines_, "count", static_cast<std::int64_t>(of.count));
    lines_ += "}\n";
  }
  flush();
}

bool AccessLog::is_wanted() const {
  return wanted_ && log::enabled(config::LogLevel::info);
}

bool AccessLog::admits() {
  if (limit_.admit(kind_)) return true;
  log::count_left_out(1);
  return false;
}

void AccessLog::begin(std::string_view event) {
  if (lines_.empty()) {
    // Holds the log until then; where the wait is cancelled, the canceller writes the lines.
    timer_.expires_after(kGather);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled) self->flush();
    });
  }
  head("info", event);
}

void AccessLog::head(std::string_view level, std::string_view event) {
  lines_ += "{\"time\":\"";
  append_rfc3339(lines_, now());
  lines_ += '"';
  append_text(lines_, "level", level);
  append_text(lines_, "event", event);
}

void AccessLog::end() {
  lines_ += "}\n";
  if (lines_.size() >= kMost) flush();
}

void AccessLog::flush() {
  timer_.cancel();
  if (lines_.empty()) return;
  log::write_lines(lines_);
  lines_.clear();
}

}  // namespace stoa::http
