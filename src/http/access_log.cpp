#include "http/access_log.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/time.hpp>

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

}  // namespace

AccessLog::AccessLog(const Executor& executor, bool wanted) : timer_(executor), wanted_(wanted) {}

AccessLog::~AccessLog() {
  flush();
}

void AccessLog::add(const Request& request, std::string_view path, int status, std::size_t bytes,
                    std::chrono::nanoseconds taken) {
  if (!begin("request")) return;
  text("method", name(request.method));
  text("route", request.route);
  text("path", path.substr(0, kLoggedPath));
  lines_ += ",\"status\":";
  append_json_number(lines_, static_cast<std::int64_t>(status));
  lines_ += ",\"bytes\":";
  append_json_number(lines_, static_cast<std::uint64_t>(bytes));
  lines_ += ",\"ms\":";
  append_json_number(lines_, milliseconds(taken));
  text("address", request.client.address);
  if (request.caller) text("user", request.caller->user.str());
  text("requestId", request.client.request_id);
  end();
}

void AccessLog::add_refusal(std::string_view address, int status, std::string_view reason) {
  if (!begin("request_refused")) return;
  text("address", address);
  lines_ += ",\"status\":";
  append_json_number(lines_, static_cast<std::int64_t>(status));
  text("reason", reason);
  end();
}

bool AccessLog::begin(std::string_view event) {
  if (!wanted_ || !log::enabled(config::LogLevel::info)) return false;
  if (lines_.empty()) {
    // Holds the log until then; where the wait is cancelled, the canceller writes the lines.
    timer_.expires_after(kGather);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled) self->flush();
    });
  }
  lines_ += "{\"time\":\"";
  append_rfc3339(lines_, now());
  lines_ += "\",\"level\":\"info\"";
  text("event", event);
  return true;
}

void AccessLog::text(std::string_view name, std::string_view value) {
  lines_.append(",\"").append(name).append("\":");
  append_json_string(lines_, value);
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
