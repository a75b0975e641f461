#include "crew.hpp"

#include "process.hpp"

#include <bit>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace load {
namespace {

void pause_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// Until SIGUSR1, which main() blocks, or so long.
void pause_for_signal(double seconds) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  const double whole = std::floor(seconds);
  const timespec timeout{static_cast<time_t>(whole), static_cast<long>((seconds - whole) * 1e9)};
  sigtimedwait(&set, nullptr, &timeout);
}

std::uint64_t value(const std::atomic<std::uint64_t>& counter) {
  return counter.load(std::memory_order_acquire);
}

}  // namespace

Reading read_clocks(const Options& options) {
  Reading reading;
  reading.time = now_nanoseconds();
  if (options.pid != 0) reading.server_cpu = cpu_seconds(options.pid);
  if (options.database_pid != 0) {
    reading.database_cpu = cpu_seconds_of_children(options.database_pid);
  }
  if (options.server_core >= 0) reading.core_busy = core_busy_seconds(options.server_core);
  return reading;
}

Crew::Crew(const Options& options) : options_(options), dialect_(make_dialect(options.dialect)) {
  for (int i = 0; i < options.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(options_, *dialect_, phase_));
  }
}

Crew::~Crew() {
  stop();
}

void Crew::make_rooms(int count, bool timed) {
  if (!options_.room_ids.empty() && options_.room_ids.size() < static_cast<std::size_t>(count)) {
    throw std::runtime_error("the rooms file has too few lines");
  }
  for (int i = 0; i < count; ++i) {
    auto room = std::make_unique<Room>();
    std::array<char, 40> name{};
    std::snprintf(name.data(), name.size(), "00000000-0000-7000-8000-%012x", i + 1);
    const auto at = static_cast<std::size_t>(i);
    room->id = options_.room_ids.empty() ? std::string(name.data()) : options_.room_ids[at];
    if (timed) room->times = std::make_unique<std::atomic<std::int64_t>[]>(Room::kTimes);
    rooms_.push_back(std::move(room));
  }
}

void Crew::add(Room* room, Role role) {
  Connection connection;
  connection.index = added_;
  connection.room = room;
  connection.role = role;
  const bool is_early = role == Role::kMember || role == Role::kCallee;
  if (is_early) {
    ++early_;
  } else {
    if (role != Role::kVisitor) ++late_;
    const auto window = static_cast<unsigned>(role == Role::kEcho ? kMaxEchoes : options_.window);
    connection.send_times.resize(std::bit_ceil(window) * 2);
  }
  workers_[added_++ % workers_.size()]->add(std::move(connection));
}

void Crew::set_up() {
  const std::int64_t deadline =
      now_nanoseconds() + static_cast<std::int64_t>(options_.setup_seconds * 1e9);
  for (auto& worker : workers_) threads_.emplace_back([&worker] { worker->run(); });
  wait_ready(true, early_, deadline);
  set_phase(Phase::kSenders);
  wait_ready(false, late_, deadline);
  // For whoever wants to measure something else meanwhile.
  std::fputs("ready\n", stderr);
}

void Crew::wait_ready(bool early, std::uint64_t wanted, std::int64_t deadline) {
  for (;;) {
    std::uint64_t ready = 0;
    for (const auto& worker : workers_) {
      const Counters& counters = worker->counters();
      ready += value(early ? counters.ready_early : counters.ready_late);
    }
    if (ready >= wanted) return;
    const bool lost = read().closed > 0;
    if (lost || now_nanoseconds() > deadline) {
      stop();
      throw std::runtime_error("only " + std::to_string(ready) + " of " + std::to_string(wanted) +
                               (early ? " members" : " senders") +
                               " became ready: " + first_error());
    }
    pause_for(0.005);
  }
}

void Crew::measure(Reading& before, Reading& after) {
  set_phase(Phase::kRun);
  pause_for(options_.warmup_seconds);
  set_phase(Phase::kMeasure);
  before = read();
  pause_for_signal(options_.seconds);
  after = read();
  set_phase(Phase::kDrain);
}

void Crew::drain(double seconds, const std::function<bool(const Reading&)>& done) {
  set_phase(Phase::kDrain);
  const std::int64_t deadline = now_nanoseconds() + static_cast<std::int64_t>(seconds * 1e9);
  while (!done(read()) && now_nanoseconds() < deadline) pause_for(0.01);
  stop();
}

void Crew::stop() {
  set_phase(Phase::kStop);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Reading Crew::read() const {
  Reading reading = read_clocks(options_);
  for (const auto& worker : workers_) {
    const Counters& counters = worker->counters();
    reading.deliveries += value(counters.deliveries);
    reading.bytes += value(counters.bytes);
    reading.acks += value(counters.acks);
    reading.sends += value(counters.sends);
    reading.reads += value(counters.reads);
    reading.errors += value(counters.errors);
    reading.busy += worker->busy_seconds();
    reading.closed += value(counters.closed);
    reading.misordered += value(counters.misordered);
  }
  return reading;
}

std::string Crew::first_error() const {
  for (const auto& worker : workers_) {
    if (!worker->first_error().empty()) return worker->first_error();
  }
  return {};
}

}  // namespace load
