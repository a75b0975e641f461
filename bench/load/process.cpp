#include "process.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace load {
namespace {

double cpu_seconds_by_ticks(const std::string& directory) {
  std::ifstream file(directory + "/stat");
  std::string text;
  if (!std::getline(file, text)) throw std::runtime_error("no process at " + directory);
  // The name in parentheses may hold spaces; the numbers start behind it, utime is the 12th.
  std::size_t at = text.rfind(')');
  double ticks = 0;
  for (int field = 0; field < 14; ++field) {
    at = text.find(' ', at + 1);
    if (field >= 12) ticks += std::stod(text.substr(at));
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

std::int64_t now_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

double cpu_seconds(int pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  std::error_code missing;
  double nanoseconds = 0;
  for (const auto& task : std::filesystem::directory_iterator(directory + "/task", missing)) {
    std::ifstream file(task.path() / "schedstat");
    double running = 0;
    if (file >> running) nanoseconds += running;
  }
  return nanoseconds > 0 ? nanoseconds * 1e-9 : cpu_seconds_by_ticks(directory);
}

double cpu_seconds_of_children(int pid) {
  const std::string process = std::to_string(pid);
  std::ifstream file("/proc/" + process + "/task/" + process + "/children");
  double sum = 0;
  for (int child = 0; file >> child;) {
    // One that ended a moment ago counts with nothing.
    if (std::filesystem::exists("/proc/" + std::to_string(child))) sum += cpu_seconds(child);
  }
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
