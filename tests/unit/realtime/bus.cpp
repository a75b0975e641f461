#include "bus.hpp"

#include <algorithm>
#include <utility>

namespace stoa::realtime::test {

// One node's side of it.
class Bus::Link final : public Broker {
 public:
  Link(Bus& bus, Member& member) : bus_(bus), member_(member) {}

  void open(NodeId node, Inlet& inlet) override {
    const std::lock_guard lock(bus_.mutex_);
    member_.id = node;
    member_.inlet = &inlet;
  }
  void close() override {
    std::unique_lock lock(bus_.mutex_);
    member_.inlet = nullptr;
    // An errand for it may be under way.
    bus_.changed_.wait(lock, [this] { return !bus_.busy_; });
  }

  void publish(const Batch& batch) override {
    const std::lock_guard lock(bus_.mutex_);
    for (const auto& other : bus_.members_) {
      const bool wanted = other.get() != &member_ &&
                          std::any_of(batch->begin(), batch->end(), [&](const auto& one) {
                            const auto found = other->listens.find(one.topic);
                            return found != other->listens.end() && found->second > 0;
                          });
      if (wanted) to(*other, [batch](Inlet& inlet) { inlet.deliver(batch); }, 1);
    }
  }
  void tell(NodeId node, Command command) override {
    const std::lock_guard lock(bus_.mutex_);
    for (const auto& other : bus_.members_) {
      if (other->id == node) to(*other, [command](Inlet& inlet) { inlet.obey(command); }, 0);
    }
  }
  void tell_others(const Command& command) override {
    const std::lock_guard lock(bus_.mutex_);
    for (const auto& other : bus_.members_) {
      if (other.get() != &member_) to(*other, [command](Inlet& inlet) { inlet.obey(command); }, 0);
    }
  }

  void listen(const Topic& topic) override {
    const std::lock_guard lock(bus_.mutex_);
    ++member_.listens[topic];
  }
  void unlisten(const Topic& topic) override {
    const std::lock_guard lock(bus_.mutex_);
    --member_.listens[topic];
  }
  Task<> listening(std::vector<Topic>) override { co_return; }

 private:
  void to(Member& member, const std::function<void(Inlet&)>& what, std::size_t batches) {
    bus_.hand_over([&bus = bus_, &member, what, batches] {
      Inlet* inlet = nullptr;
      {
        const std::lock_guard lock(bus.mutex_);
        inlet = member.inlet;
        member.delivered += batches;
      }
      if (inlet != nullptr) what(*inlet);
    });
  }

  Bus& bus_;
  Member& member_;
};

Bus::Bus() : thread_([this] { run(); }) {}

Bus::~Bus() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::unique_ptr<Broker> Bus::make_broker() {
  const std::lock_guard lock(mutex_);
  members_.push_back(std::make_unique<Member>());
  return std::make_unique<Link>(*this, *members_.back());
}

void Bus::settle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() && !busy_; });
}

std::size_t Bus::delivered(NodeId node) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto& member) { return member->id == node; });
  return (*found)->delivered;
}

void Bus::lose() {
  const std::lock_guard lock(mutex_);
  losing_ = true;
}

void Bus::find() {
  const std::lock_guard lock(mutex_);
  losing_ = false;
  for (const auto& member : members_) {
    hand_over([inlet = member->inlet] { inlet->missed(); });
  }
}

void Bus::hand_over(Errand errand) {
  if (losing_) return;
  queue_.push_back(std::move(errand));
  changed_.notify_all();
}

void Bus::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Errand errand = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    errand();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace stoa::realtime::test
