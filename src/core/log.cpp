#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/log_limit.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/time.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace stoa::log {
namespace {

constexpr std::size_t kQueue = 8192;    // lines that wait for the writer
constexpr std::size_t kGather = 65536;  // bytes that leave in one write

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // the reader is gone; the server goes on without a log
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string line(config::LogLevel level, std::string_view event, Fields fields) {
  std::string out = "{\"time\":\"";
  append_rfc3339(out, now());
  out += "\",\"level\":\"";
  out += enum_name(level);
  out += "\",\"event\":";
  append_json_string(out, event);
  for (const auto& [name, value] : fields) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    value.append_to(out);
  }
  out += "}\n";
  return out;
}

// What happened is in some fields, whom it befell in the others.
std::string reason_of(Fields fields) {
  constexpr std::array<std::string_view, 6> kNames = {"reason", "event",   "task",
                                                      "kind",   "purpose", "route"};
  std::string reason;
  for (const auto& [name, value] : fields) {
    if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) value.append_to(reason);
  }
  return reason;
}

// Runs on the writing thread alone: lines that are ready together leave in one write.
class Output final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  // `dropped` counts on.
  void watch(spdlog::details::thread_pool* pool, std::atomic<std::uint64_t>* dropped) {
    pool_ = pool;
    dropped_ = dropped;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    buffer_.append(message.payload.data(), message.payload.size());
    if (const auto dropped = pool_->overrun_counter(); dropped > reported_) {
      buffer_ +=
          line(config::LogLevel::warn, "log_lines_dropped", {{"count", dropped - reported_}});
      *dropped_ += dropped - reported_;
      reported_ = dropped;
    }
    if (pool_->queue_size() == 0 || buffer_.size() >= kGather) flush_();
  }
  void flush_() override {
    write_all(STDOUT_FILENO, buffer_);
    buffer_.clear();
  }

  spdlog::details::thread_pool* pool_ = nullptr;
  std::atomic<std::uint64_t>* dropped_ = nullptr;
  std::string buffer_;
  std::size_t reported_ = 0;
};

struct Writer {
  explicit Writer(std::size_t lines) : limit(lines) {}

  std::shared_ptr<Output> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;

  std::mutex mutex;
  Limit limit;           // under the mutex
  std::jthread periods;  // ends them
};

// The process has one standard output, and so one writer. main() starts it before and stops it
// after the threads that log; a stopped writer is kept until the next start, so that a late line
// finds it closed rather than gone.
struct Process {
  std::atomic<config::LogLevel> level{config::LogLevel::info};
  std::atomic<Writer*> current{nullptr};
  std::unique_ptr<Writer> writer;
  std::atomic<std::uint64_t> left_out{0};
  std::atomic<std::uint64_t> dropped{0};
};

Process& process() {
  static Process the;
  return the;
}

void put(std::string_view text) {
  const Writer* writer = process().current.load(std::memory_order_acquire);
  if (writer != nullptr) {
    writer->logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  } else {
    write_all(STDERR_FILENO, text);
  }
}

// Whether one more of the event's lines is written. Before start() and after stop() all are.
bool admits(config::LogLevel level, std::string_view event, Fields fields) {
  Writer* writer = process().current.load(std::memory_order_acquire);
  if (writer == nullptr) return true;
  const std::string reason = level >= config::LogLevel::warn ? reason_of(fields) : std::string();
  const std::lock_guard lock(writer->mutex);
  return writer->limit.admit(event, reason);
}

void put(config::LogLevel level, std::string_view event, Fields fields) {
  if (!enabled(level)) return;
  if (admits(level, event, fields)) {
    put(line(level, event, fields));
  } else {
    count_left_out(1);
  }
}

void end_period(Writer& writer) {
  std::vector<Limit::LeftOut> left_out;
  {
    const std::lock_guard lock(writer.mutex);
    left_out = writer.limit.end_period();
  }
  for (const Limit::LeftOut& of : left_out) {
    put(line(
        config::LogLevel::warn, "log_lines_left_out",
        {{"of", of.kind.empty() ? std::string_view("others") : of.kind}, {"count", of.count}}));
  }
}

void end_periods(const std::stop_token& stopped, Writer& writer, Duration period) {
  std::mutex mutex;
  std::condition_variable_any stopping;
  std::unique_lock lock(mutex);
  while (!stopped.stop_requested()) {
    stopping.wait_for(lock, stopped, period, [] { return false; });
    if (!stopped.stop_requested()) end_period(writer);
  }
}

}  // namespace

void Value::append_to(std::string& out) const {
  if (const auto* truth = std::get_if<bool>(&value_)) {
    out += *truth ? "true" : "false";
  } else if (const auto* whole = std::get_if<std::int64_t>(&value_)) {
    append_json_number(out, *whole);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value_)) {
    append_json_number(out, *natural);
  } else if (const auto* text = std::get_if<std::string_view>(&value_)) {
    append_json(out, Json(*text));  // may be what a client sent: it also mends what is no UTF-8
  } else {
    out += "null";
  }
}

void start(const config::Log& options) {
  stop();
  auto writer = std::make_unique<Writer>(options.lines);
  writer->sink = std::make_shared<Output>();
  writer->pool = std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
  writer->sink->watch(writer->pool.get(), &process().dropped);
  writer->logger = std::make_shared<spdlog::async_logger>(
      "stoa", writer->sink, writer->pool, spdlog::async_overflow_policy::overrun_oldest);
  process().level.store(options.level);
  process().writer = std::move(writer);
  process().current.store(process().writer.get(), std::memory_order_release);
  process().writer->periods =
      std::jthread([&of = *process().writer, period = options.period](
                       const std::stop_token& stopped) { end_periods(stopped, of, period); });
}

void stop() {
  if (const auto& writer = process().writer; writer && writer->periods.joinable()) {
    writer->periods.request_stop();
    writer->periods.join();
    end_period(*writer);
  }
  process().current.store(nullptr);
  if (const auto& writer = process().writer; writer && writer->pool) {
    writer->pool.reset();  // works off what waits, then joins
    writer->sink->flush();
  }
}

bool enabled(config::LogLevel level) noexcept {
  return level >= process().level.load(std::memory_order_relaxed);
}

void debug(std::string_view event, Fields fields) {
  put(config::LogLevel::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
  put(config::LogLevel::info, event, fields);
}
void warn(std::string_view event, Fields fields) {
  put(config::LogLevel::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
  put(config::LogLevel::error, event, fields);
}

void write_lines(std::string_view lines) {
  put(lines);
}

Stats stats() noexcept {
  return {process().left_out, process().dropped};
}

void count_left_out(std::uint64_t lines) noexcept {
  process().left_out += lines;
}

}  // namespace stoa::log
