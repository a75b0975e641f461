#pragma once
// One client connection: reads requests, has them answered in their order, writes the answers. Lives on
// one shard, in a coroutine that the shard's Home owns. Between requests it holds no buffer: bytes are
// read into the shard's scratch once the socket has some.
#include "http/client.hpp"
#include "http/dispatch.hpp"
#include "http/framing.hpp"
#include "http/home.hpp"

#include <stoa/net/listener.hpp>
#include <stoa/net/stream.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

class Connection final : public Watched {
 public:
  Connection(std::shared_ptr<Home> home, net::Accepted accepted, bool trusted);
  ~Connection() override;

  Task<> run();
  void expire(Clock::time_point now) override;
  void drain() override;

 private:
  enum class Phase { idle, reading, working, writing, ending };
  enum class Next { request, close, linger, gone };

  void enter(Phase phase, std::chrono::milliseconds limit);
  void work() noexcept;
  Task<bool> shake_hands();
  Task<bool> receive();
  Task<Next> serve_one();
  Task<std::optional<Refusal>> read_request_head(HeadEnd& end);
  Task<std::optional<Refusal>> read_body(const Head& head, std::size_t head_size,
                                         std::string& body);
  Task<std::optional<Refusal>> read_chunked(const Head& head, std::string& body);
  Task<bool> invite_body(const Head& head, std::size_t missing);
  Task<Next> refuse(Refusal refusal);
  Task<bool> write(Response& response, bool head_only, bool keep_alive, bool http_1_0,
                   std::string_view policy);
  Task<bool> write_rest(std::string head, std::string_view content);
  Task<> linger();
  void hand_over(const net::UpgradeHandler& handler, Exchange& exchange, std::size_t head_size);
  Refusal interrupted() const noexcept;

  std::shared_ptr<Home> home_;
  net::StreamPtr stream_;
  net::ConnectionCount::Seat seat_;
  Peer peer_;
  std::string input_;  // received and not yet consumed
  Clock::time_point deadline_ = Clock::time_point::max();
  std::size_t served_ = 0;
  Phase phase_ = Phase::idle;
  bool timed_out_ = false;
};

}  // namespace stoa::http
