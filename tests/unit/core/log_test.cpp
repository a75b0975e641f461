#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/log_limit.hpp>

#include <future>
#include <limits>
#include <sstream>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace stoa {
namespace {

using namespace std::chrono_literals;

// Standard output goes into a pipe for the length of a test.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::fflush(stdout);
    ASSERT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
    saved_ = dup(STDOUT_FILENO);
    ASSERT_GE(dup2(pipe_[1], STDOUT_FILENO), 0);
    close(pipe_[1]);
  }
  void TearDown() override {
    log::stop();
    log::start({.level = config::LogLevel::info, .access = true});  // the level is the process's
    log::stop();
    restore();
    close(pipe_[0]);
  }
  void restore() {
    if (saved_ < 0) return;
    dup2(saved_, STDOUT_FILENO);  // closes the pipe's last writing end
    close(saved_);
    saved_ = -1;
  }
  std::future<std::vector<Json>> read_lines() {
    return std::async(std::launch::async, [from = pipe_[0]] {
      std::string text;
      char buffer[65536];
      for (ssize_t count; (count = ::read(from, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(count));
      }
      std::vector<Json> lines;
      std::istringstream stream(text);
      for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
      return lines;
    });
  }
  std::vector<Json> finish() {
    auto lines = read_lines();
    log::stop();
    restore();
    return lines.get();
  }

  int pipe_[2] = {-1, -1};
  int saved_ = -1;
};

TEST_F(LogTest, IsOneJsonObjectALine) {
  log::start({.level = config::LogLevel::info, .access = true});
  log::debug("unheard");
  log::info("listening", {{"port", 3000},
                          {"tls", false},
                          {"nobody", nullptr},
                          {"least", std::numeric_limits<std::int64_t>::min()},
                          {"most", std::numeric_limits<std::uint64_t>::max()}});
  log::error("broken");
  const auto lines = finish();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["event"], "listening");
  EXPECT_EQ(lines[0]["port"], 3000);
  EXPECT_EQ(lines[0]["tls"], false);
  EXPECT_TRUE(lines[0].at("nobody").is_null());
  EXPECT_EQ(lines[0]["least"], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(lines[0]["most"], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(lines[0]["time"].get<std::string>().size(), 24u);
  EXPECT_EQ(lines[1]["level"], "error");
}

TEST_F(LogTest, NobodysInputForgesALine) {
  const std::string hostile[] = {"x\n{\"time\":\"0\",\"level\":\"error\",\"event\":\"forged\"}",
                                 "\"},{\"event\":\"forged\"",
                                 "\x1B[2J\r\rforged",
                                 "%s%n%d {} {0}",
                                 std::string("nul\0nul", 7),
                                 "\xFF\xFE broken \xC3",
                                 std::string(100000, '\\')};
  log::start({.level = config::LogLevel::debug, .access = true});
  for (const auto& text : hostile) log::info("request", {{"userAgent", text}});
  log::info("odd \" event\n", {{"odd \" name\n", 1}});
  const auto lines = finish();
  ASSERT_EQ(lines.size(), std::size(hostile) + 1);
  for (std::size_t i = 0; i < std::size(hostile); ++i) EXPECT_EQ(lines[i]["event"], "request");
  EXPECT_EQ(lines[0]["userAgent"], hostile[0]);
  EXPECT_EQ(lines[5]["userAgent"], "\xEF\xBF\xBD\xEF\xBF\xBD broken \xEF\xBF\xBD");
}

TEST_F(LogTest, AFullQueueDropsTheOldestAndSaysHowMany) {
  constexpr std::size_t kLines = 30000;
  const auto before = log::stats().dropped;
  log::start({.level = config::LogLevel::info, .access = true, .lines = kLines});
  for (std::size_t i = 0; i < kLines; ++i) {  // nobody reads: the pipe fills, then the queue
    log::info("line", {{"number", i}, {"filling", std::string(50, 'x')}});
  }
  const auto lines = finish();
  std::size_t written = 0, dropped = 0;
  for (const auto& line : lines) {
    if (line["event"] == "log_lines_dropped") {
      dropped += line["count"].get<std::size_t>();
    } else {
      ++written;
    }
  }
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(written + dropped, kLines);
  EXPECT_EQ(log::stats().dropped - before, dropped);
  EXPECT_EQ(lines.back()["event"] == "log_lines_dropped" ? lines.end()[-2]["number"]
                                                         : lines.back()["number"],
            kLines - 1);
}

TEST_F(LogTest, ManyThreadsWriteWholeLines) {
  constexpr std::size_t kEach = 500;
  log::start({.level = config::LogLevel::info, .access = true, .lines = 4 * kEach});
  auto reading = read_lines();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (std::size_t i = 0; i < kEach; ++i) log::info("line", {{"thread", t}, {"number", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  log::stop();
  restore();
  EXPECT_EQ(reading.get().size(), 4 * kEach);
}

TEST_F(LogTest, AFloodBecomesItsCount) {
  const auto before = log::stats().left_out;
  log::start({.level = config::LogLevel::info, .access = true, .period = 1h, .lines = 3});
  for (int i = 0; i < 10; ++i) log::info("login_failed", {{"number", i}});
  log::info("ready");
  const auto lines = finish();
  ASSERT_EQ(lines.size(), 5u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(lines[static_cast<std::size_t>(i)]["number"], i);
  EXPECT_EQ(lines[3]["event"], "ready");
  EXPECT_EQ(lines[4]["event"], "log_lines_left_out");
  EXPECT_EQ(lines[4]["of"], "login_failed");
  EXPECT_EQ(lines[4]["count"], 7);
  EXPECT_EQ(log::stats().left_out - before, 7u);
}

TEST_F(LogTest, EachPeriodBeginsAnew) {
  const auto before = log::stats().left_out;
  log::start({.level = config::LogLevel::info, .access = true, .period = 20ms, .lines = 1});
  auto reading = read_lines();
  std::uint64_t last = before;
  const auto is_written = [&last] {
    log::info("line");
    return std::exchange(last, log::stats().left_out) == last;
  };
  EXPECT_TRUE(is_written());
  while (is_written()) {
  }
  while (!is_written()) {
  }
  log::stop();
  restore();
  std::uint64_t left_out = 0;
  for (const auto& line : reading.get()) {
    if (line["event"] == "log_lines_left_out") left_out += line["count"].get<std::uint64_t>();
  }
  EXPECT_EQ(left_out, log::stats().left_out - before);
}

TEST_F(LogTest, TheFirstErrorOfEachReasonIsWrittenBesideAFlood) {
  log::start({.level = config::LogLevel::info, .access = true, .period = 1h, .lines = 2});
  for (int i = 0; i < 10; ++i) log::error("failed", {{"requestId", i}, {"reason", "flood"}});
  for (int i = 0; i < 10; ++i) log::error("failed", {{"requestId", i}, {"reason", "disk full"}});
  for (int i = 0; i < 100; ++i) log::error("failed", {{"reason", std::to_string(i)}});
  const auto lines = finish();
  ASSERT_EQ(lines.size(), 2 + 1 + (log::Limit::kReasons - 2) + 1);
  EXPECT_EQ(lines[2]["reason"], "disk full");
  EXPECT_EQ(lines.back()["count"], 120 - (lines.size() - 1));
}

TEST(LogLimit, CountsEachKindByItself) {
  log::Limit limit(2);
  for (int i = 0; i < 5; ++i) limit.admit("a");
  EXPECT_TRUE(limit.admit("b"));
  const auto left_out = limit.end_period();
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0].kind, "a");
  EXPECT_EQ(left_out[0].count, 3u);
  EXPECT_TRUE(limit.admit("a"));
  EXPECT_TRUE(limit.end_period().empty());
}

TEST(LogLimit, IsBoundedInKinds) {
  log::Limit limit(1);
  for (std::size_t i = 0; i < log::Limit::kKinds; ++i) EXPECT_TRUE(limit.admit(std::to_string(i)));
  EXPECT_TRUE(limit.admit("more"));
  EXPECT_FALSE(limit.admit("yet more"));
  const auto left_out = limit.end_period();
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0].kind, "");
}

TEST_F(LogTest, OffIsSilent) {
  log::start({.level = config::LogLevel::off, .access = false});
  log::error("unheard");
  EXPECT_FALSE(log::enabled(config::LogLevel::error));
  EXPECT_TRUE(finish().empty());
}

}  // namespace
}  // namespace stoa
