#pragma once
// Sees a client go while its request is being answered. Lives in its connection, for one request.
#include <stoa/http/message.hpp>
#include <stoa/net/stream.hpp>

#include <memory>

namespace stoa::http {

class SocketDisconnect final : public DisconnectSignal {
 public:
  explicit SocketDisconnect(net::Stream& stream) : stream_(stream) {}
  ~SocketDisconnect() override;
  SocketDisconnect(const SocketDisconnect&) = delete;
  SocketDisconnect& operator=(const SocketDisconnect&) = delete;

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
