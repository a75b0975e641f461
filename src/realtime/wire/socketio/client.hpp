#pragma once
// One Engine.IO session that speaks Socket.IO: takes packets apart, joins binary values to their text, connects
// namespaces and hands events to the sockets in them. A packet that breaks the protocol ends the connection; one that
// is beyond what is read is refused.
// Owned by its session, on its shard.
#include "realtime/wire/engineio/session.hpp"
#include "realtime/wire/socketio/namespaces.hpp"
#include "realtime/wire/socketio/packet.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::realtime::socketio {

class Client final : public engineio::MessageHandler {
 public:
  // `connect_timeout`: how long a client may be in no namespace.
  Client(engineio::Session& session, std::shared_ptr<Namespaces> namespaces,
         Duration connect_timeout);

  bool message(std::string_view data, bool binary) override;
  Task<> settle() override;
  void session_over() override;
  Task<> end() override;
  bool ends_by_itself() const noexcept override { return !sockets_.empty(); }

 private:
  using SocketPtr = std::shared_ptr<Socket>;

  std::optional<Packet> read(std::string_view data);
  bool dispatch(Packet packet);
  bool give_event(Packet packet);
  bool give_ack(Packet packet);
  bool take_binary(std::string_view data);
  bool violate();
  void let_go();
  Task<> connect();
  void refuse(const std::string& nsp, std::string_view data);
  bool leave(const std::string& nsp);
  void drop(const std::string& nsp, bool lost);
  SocketPtr find(const std::string& nsp) const;

  engineio::Session& session_;
  std::shared_ptr<Namespaces> namespaces_;
  const Duration connect_timeout_;
  std::map<std::string, SocketPtr> sockets_;  // by namespace; there are few
  std::optional<Packet> connecting_;          // what settle() will connect
  SocketPtr waiting_;                         // whose event settle() will begin
  std::optional<Packet> incomplete_;          // waits for its attachments
  std::vector<std::string> attachments_;
  std::size_t incomplete_bytes_ = 0;  // of memory that its JSON takes
  std::size_t attached_bytes_ = 0;
  net::Holding holding_;  // of a packet that is not whole
  int refusals_ = 0;      // CONNECTs in a row that were refused
};

}  // namespace stoa::realtime::socketio
