#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/time.hpp>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>

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

// Runs on the writing thread alone: lines that are ready together leave in one write.
class Output final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  void watch(spdlog::details::thread_pool* pool) { pool_ = pool; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    buffer_.append(message.payload.data(), message.payload.size());
    if (const auto dropped = pool_->overrun_counter(); dropped > reported_) {
      buffer_ +=
          line(config::LogLevel::warn, "log_lines_dropped", {{"count", dropped - reported_}});
      reported_ = dropped;
    }
    if (pool_->queue_size() == 0 || buffer_.size() >= kGather) flush_();
  }
  void flush_() override {
    write_all(STDOUT_FILENO, buffer_);
    buffer_.clear();
  }

  spdlog::details::thread_pool* pool_ = nullptr;
  std::string buffer_;
  std::size_t reported_ = 0;
};

struct Writer {
  std::shared_ptr<Output> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

// The process has one standard output, and so one writer. main() starts it before and stops it
// after the threads that log; a stopped writer is kept until the next start, so that a late line
// finds it closed rather than gone.
struct Process {
  std::atomic<config::LogLevel> level{config::LogLevel::info};
  std::atomic<Writer*> current{nullptr};
  std::unique_ptr<Writer> writer;
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

void put(config::LogLevel level, std::string_view event, Fields fields) {
  if (enabled(level)) put(line(level, event, fields));
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
  auto writer = std::make_unique<Writer>();
  writer->sink = std::make_shared<Output>();
  writer->pool = std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
  writer->sink->watch(writer->pool.get());
  writer->logger = std::make_shared<spdlog::async_logger>(
      "stoa", writer->sink, writer->pool, spdlog::async_overflow_policy::overrun_oldest);
  process().level.store(options.level);
  process().writer = std::move(writer);
  process().current.store(process().writer.get(), std::memory_order_release);
}

void stop() {
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

}  // namespace stoa::log
