#pragma once
// Sees a client go while its request is being answered. Lives in its connection, for one request.
#include <stoa/http/message.hpp>
#include <stoa/net/stream.hpp>

#include <memory>

namespace stoa::http {

class SocketDeparture final : public Departure {
 public:
  explicit SocketDeparture(net::Stream& stream) : stream_(stream) {}
  ~SocketDeparture() override;
  SocketDeparture(const SocketDeparture&) = delete;
  SocketDeparture& operator=(const SocketDeparture&) = delete;

  void watch(std::function<void()> then) override;

 private:
  struct Watch {
    std::function<void()> then;
    bool over = false;
  };

  net::Stream& stream_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace stoa::http
