#pragma once
// What a Disk is: its folders, its threads, and the count of what is open.
#include "infra/disk/files.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/time.hpp>
#include <stoa/core/worker_pool.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace stoa::disk {

// A folder that was configured. Its root is there from the start on.
struct Place {
  std::string name;
  std::string path;
  Root root;
  std::atomic<std::uint64_t> free = 0;  // when last looked at
};

enum class Operation { open, create, read, write, commit, rename, remove, list };
inline constexpr std::size_t kOperations = 8;

class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const config::Disk& config, Metrics& metrics);

  std::shared_ptr<Place> add(std::string name, std::string path);
  void start();
  void stop() { pool_.stop(); }

  // Runs `work`, which holds values only, on a thread of the disk. Throws Error{overloaded} where disk.queue is full.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run(Operation operation, Work work) {
    return pool_.run(Measured<Work>{shared_from_this(), operation, std::move(work)});
  }
  // For a file that is open, which does one thing at a time: disk.max_open_files is the bound, and nothing that was begun is
  // cut off because others begin.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run_seated(Operation operation, Work work) {
    return pool_.run_unbounded(Measured<Work>{shared_from_this(), operation, std::move(work)});
  }
  // What must not be refused.
  void post(std::function<void()> work) { pool_.post(std::move(work)); }

  // Throws Error{overloaded} where as many files are open as may be.
  void take_seat();
  void give_seat() noexcept { open_.fetch_sub(1); }
  // Throws Error{storage_full} where so many bytes more leave too little.
  void require_room(Place& place, std::uint64_t bytes) const;
  void count_read(std::size_t bytes) { read_bytes_.Increment(static_cast<double>(bytes)); }
  void count_written(std::size_t bytes) { written_bytes_.Increment(static_cast<double>(bytes)); }

 private:
  template <class Work>
  struct Measured {
    std::shared_ptr<Core> core;
    Operation operation;
    Work work;

    std::invoke_result_t<Work&> operator()() {
      const Stopwatch watch{*core, operation};
      if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
        work();
        watch.is_done = true;
      } else {
        auto result = work();
        watch.is_done = true;
        return result;
      }
    }
  };
  // Counts the operation when it is over, as failed unless it is done.
  struct Stopwatch {
    Stopwatch(Core& c, Operation o) : core(c), operation(o) {}
    ~Stopwatch() { core.count(operation, is_done, std::chrono::steady_clock::now() - began); }
    Core& core;
    const Operation operation;
    const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    mutable bool is_done = false;
  };
  struct Counts {
    metrics::Counter* done = nullptr;
    metrics::Counter* failed = nullptr;
    metrics::Histogram* seconds = nullptr;
  };

  void count(Operation operation, bool is_done, std::chrono::duration<double> took) noexcept;

  const config::Disk config_;
  Metrics& metrics_;
  std::array<Counts, kOperations> counts_;
  metrics::Counter& read_bytes_;
  metrics::Counter& written_bytes_;
  std::atomic<std::size_t> open_ = 0;
  std::vector<std::shared_ptr<Place>> places_;  // as they are before start()
  WorkerPool pool_;
};

// A file that a Reader or a Writer holds. It is closed on a thread of the disk: the end of a large one that has been removed
// takes its time.
struct OpenFile {
  // With a seat that was taken.
  OpenFile(std::shared_ptr<Core> c, std::shared_ptr<Place> p)
      : core(std::move(c)), place(std::move(p)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  const std::shared_ptr<Core> core;
  const std::shared_ptr<Place> place;
  Part part;               // of a Reader: without a name
  std::uint64_t size = 0;  // of a Reader
  Timestamp modified{};
};

}  // namespace stoa::disk
