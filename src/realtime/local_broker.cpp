#include <stoa/realtime/broker.hpp>

namespace stoa::realtime {
namespace {

class LocalBroker final : public Broker {
 public:
  void open(NodeId, Inlet&) override {}
  void close() override {}
  void publish(const Batch&) override {}
  void tell(NodeId, Command) override {}
  void tell_others(const Command&) override {}
  void listen(const Topic&) override {}
  void unlisten(const Topic&) override {}
  Task<> listening(std::vector<Topic>) override { co_return; }
};

}  // namespace

std::unique_ptr<Broker> make_local_broker() {
  return std::make_unique<LocalBroker>();
}

}  // namespace stoa::realtime
