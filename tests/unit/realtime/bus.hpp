#pragma once
// A broker's engine for tests: connects the nodes of one process, by one queue that a thread of its own works off, and
// loses what is handed over when a test wants it. Outlives the nodes.
#include <stoa/realtime/broker.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace stoa::realtime::test {

class Bus {
 public:
  Bus();
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // For one more node.
  std::unique_ptr<Broker> make_broker();
  // Ends once all that was handed over has arrived.
  void settle();
  // How many batches have arrived at that node.
  std::size_t delivered(NodeId node);
  // From here on all is lost; find(): no more, and each node is told.
  void lose();
  void find();

 private:
  struct Member {
    NodeId id;
    Inlet* inlet = nullptr;
    std::unordered_map<Topic, int> listens;
    std::size_t delivered = 0;
  };
  class Link;
  using Errand = std::function<void()>;

  // Under the mutex, which is not held while an errand is done.
  void hand_over(Errand errand);
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Errand> queue_;
  bool busy_ = false;
  bool losing_ = false;
  bool ending_ = false;
  std::vector<std::unique_ptr<Member>> members_;
  std::thread thread_;
};

}  // namespace stoa::realtime::test
