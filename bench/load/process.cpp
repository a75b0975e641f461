#include "process.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace load {
namespace {

// The numbers of /proc/PID/stat that follow the name, so that utime, the 14th of all, is at 11; empty when the
// process is gone.
std::vector<double> numbers_of_stat(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return {};
  // The name in parentheses may hold spaces, and the state behind it is a letter.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string state;
  fields >> state;
  std::vector<double> numbers(1);
  for (double number = 0; fields >> number;) numbers.push_back(number);
  return numbers;
}

double seconds_of_ticks(double ticks) {
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<double> cpu_seconds_if_there(int pid) {
  std::error_code missing;
  double nanoseconds = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", missing)) {
    std::ifstream file(task.path() / "schedstat");
    double running = 0;
    if (file >> running) nanoseconds += running;
  }
  if (nanoseconds > 0) return nanoseconds * 1e-9;
  const auto numbers = numbers_of_stat(pid);
  if (numbers.size() < 15) return std::nullopt;
  return seconds_of_ticks(numbers[11] + numbers[12]);
}

}  // namespace

std::int64_t now_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

double cpu_seconds(int pid) {
  const auto seconds = cpu_seconds_if_there(pid);
  if (!seconds) throw std::runtime_error("no process " + std::to_string(pid));
  return *seconds;
}

double cpu_seconds_of_children(int pid) {
  const std::string process = std::to_string(pid);
  const auto numbers = numbers_of_stat(pid);
  if (numbers.size() < 15) throw std::runtime_error("no process " + process);
  double sum = seconds_of_ticks(numbers[13] + numbers[14]);  // of those that have ended
  std::ifstream file("/proc/" + process + "/task/" + process + "/children");
  for (int child = 0; file >> child;) sum += cpu_seconds_if_there(child).value_or(0);
  return sum;
}

double core_busy_seconds(int core) {
  std::ifstream file("/proc/stat");
  const std::string name = "cpu" + std::to_string(core);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string first;
    fields >> first;
    if (first != name) continue;
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0;
    fields >> user >> nice >> system >> idle >> waiting >> irq >> softirq;
    return (user + nice + system + irq + softirq) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  throw std::runtime_error("no core " + name);
}

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void ask_for_short_slices() {
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
  } attributes{sizeof attributes, SCHED_OTHER, 0, 0, 0, 100'000, 0, 0};
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

std::int64_t resident_bytes(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (!(file >> size >> resident)) throw std::runtime_error("cannot read the server's memory");
  return resident * sysconf(_SC_PAGESIZE);
}

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace load
