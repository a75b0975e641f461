#pragma once
// A connection's coroutine over WebSocket: reads messages for a receiver, answers pings, and closes. One
// for each connection, owned by the shard's TaskGroup; reads into the shard's scratch space, so that an
// idle connection keeps no buffer.
#include "realtime/client_session.hpp"
#include "realtime/wire/websocket/frame_reader.hpp"
#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/task.hpp>
#include <stoa/net/turns.hpp>

#include <memory>
#include <string>

namespace stoa::realtime::websocket {

// The receiver of what a link reads.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual bool open() const noexcept = 0;
  // Whose turn it is when its messages wait for one.
  virtual TurnKey turn() const = 0;
  // Something came from the client.
  virtual void heard() noexcept = 0;
  // A whole message; `data` is good during the call. False: co_await settle() before the next.
  virtual bool message(std::string_view data, bool binary) = 0;
  virtual Task<> settle() = 0;
  virtual void pong(Frame frame) = 0;  // to be sent
  // The client said goodbye with this code (0: none), or broke the protocol.
  virtual void client_closed(std::uint16_t code) = 0;
  virtual void violation(const CloseReason& why) = 0;
  // Ends when nothing is under way any more.
  virtual Task<> quiet() = 0;
  // No more comes; then, once everything is sent or given up, the socket has been let go of.
  virtual void end() = 0;
  virtual void leave() = 0;
};

// A session of its own behind each socket.
class SessionReceiver final : public Receiver {
 public:
  SessionReceiver(std::shared_ptr<ClientSession> session, std::shared_ptr<const Decoder> decoder)
      : session_(std::move(session)), decoder_(std::move(decoder)) {}

  bool open() const noexcept override { return session_->open(); }
  TurnKey turn() const override { return net::turn_of(session_->client(), {}); }
  void heard() noexcept override { session_->heard(); }
  bool message(std::string_view data, bool binary) override;
  Task<> settle() override { return session_->settle(); }
  void pong(Frame frame) override { session_->push(frame); }
  void client_closed(std::uint16_t code) override { session_->client_closed(code); }
  void violation(const CloseReason& why) override { session_->close(why); }
  Task<> quiet() override { return session_->quiet(); }
  void end() override { session_->end(); }
  void leave() override { session_->leave(); }

 private:
  std::shared_ptr<ClientSession> session_;
  std::shared_ptr<const Decoder> decoder_;
};

// `early` is what the client sent behind its handshake. The acceptance is in `out` already. Runs on the
// shard of `local`, which outlives it with `gateway`. Does no more than a net::Slice in one turn of its loop.
Task<> run_link(std::shared_ptr<GatewayState> gateway, LocalHub* local,
                std::shared_ptr<Receiver> receiver, ReaderLimits limits,
                std::shared_ptr<Outbound> out, std::string early);

}  // namespace stoa::realtime::websocket
