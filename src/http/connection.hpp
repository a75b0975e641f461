#pragma once
// One client connection: reads requests, has them answered in their order, writes the answers. Lives on
// one shard, in a coroutine that the shard's ShardConnections owns.
//
// A request goes in two steps: what its head decides is decided before any of its body is kept (Dispatcher::begin), then
// the body is read, or handed to the handler piece by piece, and answered.
#include "http/dispatch.hpp"
#include "http/framing.hpp"
#include "http/incoming_body.hpp"
#include "http/link.hpp"
#include "http/shard_connections.hpp"
#include "http/wire.hpp"

#include <stoa/net/listener.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

class Connection {
 public:
  Connection(std::shared_ptr<ShardConnections> common, net::Accepted accepted, bool trusted);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<> run();

 private:
  enum class Next { request, close, linger, gone };

  Task<Next> serve_one();
  Task<std::optional<Refusal>> read_request_head(HeadEnd& end);
  std::optional<Refusal> read_head_into(Exchange& exchange, const HeadEnd& end, Head& head);
  Task<> read_body(Exchange& exchange, IncomingBody& body);
  Task<Next> refuse(Exchange& exchange, Refusal refusal);
  Task<Next> finish(Exchange& exchange, const Head& head, IncomingBody& body);
  // What the socket did not take at once.
  struct Unsent {
    std::string head;
    std::string_view content;
    bool empty() const noexcept { return head.empty() && content.empty(); }
  };
  // Empty: the client has gone.
  std::optional<Unsent> write(const Response& response, bool head_only, const Framing& framing);
  Task<bool> write_rest(Unsent unsent, std::size_t body_size);
  Task<bool> write_source(const Exchange& exchange, Framing framing);
  Task<> linger();
  // False: Beast, which answers it, cannot read its head.
  bool hand_over(const net::UpgradeHandler& handler, Exchange& exchange, std::size_t head_size);
  Refusal interrupted() const noexcept;

  std::shared_ptr<ShardConnections> common_;
  Peer peer_;
  Link link_;
  std::size_t served_ = 0;
};

}  // namespace stoa::http
