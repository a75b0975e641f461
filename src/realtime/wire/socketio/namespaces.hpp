#pragma once
// What Socket.IO's namespaces lead to. The protocol's side (client.hpp) knows clients and packets, an
// implementation of these two what is behind them: sessions of an Endpoint, or a test program's echo.
#include "realtime/codec.hpp"
#include "realtime/wire/engineio/session.hpp"

#include <stoa/core/ids.hpp>
#include <stoa/core/json.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace stoa::realtime::socketio {

// One client's place in one namespace. Lives on the client's shard.
class Socket {
 public:
  virtual ~Socket() = default;

  // For CONNECT's answer; `pid` is empty where nothing can be recovered.
  virtual const std::string& sid() const noexcept = 0;
  virtual const std::string& pid() const noexcept = 0;
  // CONNECT's answer has been queued.
  virtual void connected() {}

  // `in.arguments` are the event's, unless there is `in.problem`. False: co_await settle() before the next.
  virtual bool event(Incoming in) = 0;
  // Whether a message of so many bytes is to be read: where there is a rate, a large one counts as several and is paid before.
  virtual bool affords(std::size_t) { return true; }
  virtual Task<> settle() = 0;
  // The client has acknowledged an event of ours; `arguments` is an array.
  virtual void acknowledged(const std::string& id, Json arguments) = 0;

  // False once it has closed by itself, and then whether the client is to lose its connection over it, so that
  // it comes back; else it was told to stay away.
  virtual bool open() const noexcept = 0;
  virtual bool wants_return() const noexcept = 0;
  // In whose share its client waits once it has left; empty: in that of its handshake.
  virtual std::optional<Uuid> share() const { return std::nullopt; }

  // Nothing comes any more. `lost`: with the connection, so that the client may come back for it.
  virtual Task<> end(bool lost) = 0;
};

class Namespaces {
 public:
  virtual ~Namespaces() = default;
  // Throws Error: refused, and the client is told why. Null: there is no such namespace. `auth` is an object.
  virtual Task<std::shared_ptr<Socket>> connect(std::shared_ptr<engineio::Session> client,
                                                std::string nsp, Json auth) = 0;
};

}  // namespace stoa::realtime::socketio
