#pragma once
// The workers of a scenario and the thread that leads them: deals out the connections, moves the
// phase on, reads the counters at the window's edges. Owned and used by the main thread.

#include "worker.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace load {

// Sums over the workers at one moment, with the clocks that belong to it.
struct Reading {
  std::int64_t time = 0;
  double server_cpu = 0;
  double core_busy = 0;  // the server's core, by whomever
  double busy = 0;       // seconds the workers had something to do
  double database_cpu = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t acks = 0;
  std::uint64_t sends = 0;
  std::uint64_t reads = 0;
  std::uint64_t errors = 0;
  std::uint64_t closed = 0;
  std::uint64_t misordered = 0;
};

// The moment and its clocks, as far as the options name them; the sums are 0.
Reading read_clocks(const Options& options);

class Crew {
 public:
  explicit Crew(const Options& options);
  ~Crew();  // stops the threads

  // Rooms named by the file, or made up. `timed` ones keep the times of sending.
  void make_rooms(int count, bool timed);
  Room* room(int index) { return rooms_[static_cast<std::size_t>(index)].get(); }
  void add(Room* room, Role role);

  // Starts the threads and waits until all connections are ready. Throws after setup_seconds.
  void set_up();
  // Lets the senders send: warm-up, then the window between the two readings, which SIGUSR1 ends early.
  void measure(Reading& before, Reading& after);
  // No more sends; waits until `done` or the deadline, then stops the threads.
  void drain(double seconds, const std::function<bool(const Reading&)>& done);
  void stop();

  Reading read() const;
  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  const std::vector<std::unique_ptr<Room>>& rooms() const { return rooms_; }
  std::string first_error() const;  // after stop()

 private:
  void wait_ready(bool early, std::uint64_t wanted, std::int64_t deadline);
  void set_phase(Phase phase) { phase_.store(phase, std::memory_order_release); }

  const Options& options_;
  std::unique_ptr<Dialect> dialect_;
  std::atomic<Phase> phase_{Phase::kMembers};
  std::vector<std::unique_ptr<Room>> rooms_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::uint32_t added_ = 0;
  std::uint64_t early_ = 0;  // members and callees
  std::uint64_t late_ = 0;   // the others that are there before the run begins
};

}  // namespace load
