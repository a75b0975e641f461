#include "realtime/wire/socketio/client.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>

#include <utility>

#include <boost/system/system_error.hpp>

namespace stoa::realtime::socketio {
namespace {

// Of one packet's attachments together, in engine.io payloads.
constexpr std::size_t kMaxAttached = 4;
// A packet of a client that is in no namespace, or connects to another.
constexpr std::size_t kMaxBeforeConnect = std::size_t{16} << 10;
// What JSON takes in memory for each byte of its text, about: small values take 16 bytes each.
constexpr std::size_t kJsonMemory = 4;
// CONNECTs in a row that are refused, before the connection is closed.
constexpr int kMaxRefusals = 10;

std::string prefix(char type, const std::string& nsp) {
  std::string out(1, type);
  if (nsp != "/") out.append(nsp).append(",");
  return out;
}

Task<> end_socket(std::shared_ptr<engineio::Session> kept_alive, std::shared_ptr<Socket> socket,
                  bool lost) {
  const auto session = std::move(kept_alive);
  co_await engineio::next_turn(session->local());
  co_await socket->end(lost);
}

}  // namespace

Client::Client(engineio::Session& session, std::shared_ptr<Namespaces> namespaces,
               Duration connect_timeout)
    : session_(session),
      namespaces_(std::move(namespaces)),
      connect_timeout_(connect_timeout),
      holding_(session.local().shard().waiting, [this] {
        let_go();
        session_.close(kTooMuchWaits);
      }) {
  session_.close_in(connect_timeout_);
}

// ---- Packets --------------------------------------------------------------------------------------------

bool Client::violate() {
  let_go();
  session_.close();
  return true;
}

void Client::let_go() {
  incomplete_.reset();
  attachments_ = {};
  attached_bytes_ = 0;
  holding_.set(0);
}

bool Client::message(std::string_view data, bool binary) {
  if (binary) return take_binary(data);
  if (incomplete_) return violate();
  // Whoever is in no namespace yet has a token to send, and nothing longer.
  if (sockets_.empty() && data.size() > kMaxBeforeConnect) return violate();
  auto packet = read(data);
  if (!packet) return violate();
  if (packet->attachments == 0) return dispatch(std::move(*packet));
  if (!find(packet->nsp)) return violate();
  incomplete_ = std::move(packet);
  incomplete_bytes_ = kJsonMemory * data.size();
  holding_.belongs_to(session_.outbound()->owner());
  holding_.set(incomplete_bytes_);
  return true;
}

// What is large is paid before its JSON is read; what is not is afforded anyway, and counted.
std::optional<Packet> Client::read(std::string_view data) {
  if (data.size() <= kMaxBeforeConnect) {
    auto packet = parse(data);
    const auto to = packet ? find(packet->nsp) : nullptr;
    if (to) to->affords(data.size());
    return packet;
  }
  auto head = parse_unread(data, Error(Code::rate_limited));
  const auto socket = head ? find(head->nsp) : nullptr;
  if (!socket) return std::nullopt;
  return socket->affords(data.size()) ? parse(data) : std::move(head);
}

bool Client::take_binary(std::string_view data) {
  attached_bytes_ += data.size();
  if (!incomplete_ || attached_bytes_ > kMaxAttached * session_.reader_limits().max_message) {
    return violate();
  }
  attachments_.emplace_back(data);
  holding_.set(incomplete_bytes_ + attached_bytes_);
  if (attachments_.size() < incomplete_->attachments) return true;
  Packet packet = std::move(*incomplete_);
  const auto attachments = std::exchange(attachments_, {});
  const auto to = find(packet.nsp);
  if (to && !to->affords(attached_bytes_) && !packet.problem) {
    packet.problem = Error(Code::rate_limited);
  }
  let_go();
  if (!packet.problem && !restore(*packet.data, attachments)) return violate();
  return dispatch(std::move(packet));
}

bool Client::dispatch(Packet packet) {
  switch (packet.type) {
    case Type::connect:
      if (find(packet.nsp)) return violate();
      connecting_ = std::move(packet);
      return false;
    case Type::event:
    case Type::binary_event:
      return give_event(std::move(packet));
    case Type::ack:
    case Type::binary_ack:
      return give_ack(std::move(packet));
    case Type::disconnect:
      return leave(packet.nsp);
    case Type::connect_error:
      break;
  }
  return violate();
}

bool Client::give_event(Packet packet) {
  const auto socket = find(packet.nsp);
  if (!socket) return violate();
  Json& name = packet.data->front();
  Incoming in;
  in.type = name.is_string() ? std::move(name.get_ref<std::string&>()) : dump_json(name);
  in.binary = packet.type == Type::binary_event;
  in.id = std::move(packet.id);
  packet.data->erase(packet.data->begin());
  in.arguments = std::move(*packet.data);
  in.problem = std::move(packet.problem);
  if (socket->event(std::move(in))) return true;
  waiting_ = socket;
  return false;
}

bool Client::give_ack(Packet packet) {
  const auto socket = find(packet.nsp);
  if (!socket) return violate();
  if (!packet.problem) socket->acknowledged(packet.id, std::move(*packet.data));
  return true;
}

Task<> Client::settle() {
  if (connecting_) {
    co_await connect();
  } else if (const auto socket = std::exchange(waiting_, nullptr)) {
    co_await socket->settle();
  }
}

// ---- Namespaces -----------------------------------------------------------------------------------------

Client::SocketPtr Client::find(const std::string& nsp) const {
  const auto found = sockets_.find(nsp);
  return found == sockets_.end() ? nullptr : found->second;
}

Task<> Client::connect() {
  const auto session = session_.shared_from_this();
  Packet packet = std::move(*connecting_);
  connecting_.reset();
  Json auth = packet.data ? std::move(*packet.data) : Json::object();
  std::optional<Error> refused;
  SocketPtr socket;
  try {
    if (packet.problem) throw Error(*packet.problem);
    std::string nsp = packet.nsp;
    socket = co_await namespaces_->connect(session, std::move(nsp), std::move(auth));
  } catch (const Error& error) {
    refused = error;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    log::error("connect_failed", {{"reason", error.what()}});
    refused = Error(Code::internal);
  } catch (const std::exception& error) {
    log::error("connect_failed", {{"reason", error.what()}});
    refused = Error(Code::internal);
  }
  if (refused) {
    std::string data = "{\"message\":";
    append_json_string(data, refused->message());
    data += ",\"data\":" + error_payload(*refused) + "}";
    refuse(packet.nsp, data);
  } else if (!socket) {
    refuse(packet.nsp, "{\"message\":\"Invalid namespace\"}");
  } else if (!session_.open()) {
    session_.local().shard().tasks.spawn("socket.io end", end_socket(session, socket, true));
  } else {
    refusals_ = 0;
    sockets_.emplace(packet.nsp, socket);
    session_.close_in(std::nullopt);
    const std::string pid = socket->pid().empty() ? "" : ",\"pid\":\"" + socket->pid() + "\"";
    session_.send(
        text_message({prefix('0', packet.nsp), "{\"sid\":\"", socket->sid(), "\"", pid, "}"}));
    socket->connected();
  }
}

void Client::refuse(const std::string& nsp, std::string_view data) {
  session_.send(text_message({prefix('4', nsp), data}));
  // Each of them may have asked the database about a token.
  if (++refusals_ >= kMaxRefusals) session_.close();
}

// By the client's wish. It may connect again.
bool Client::leave(const std::string& nsp) {
  const auto socket = find(nsp);
  if (!socket) return violate();
  drop(nsp, false);
  if (sockets_.empty()) session_.wait_again(socket->share());
  return true;
}

void Client::drop(const std::string& nsp, bool lost) {
  const auto found = sockets_.find(nsp);
  if (found == sockets_.end()) return;
  session_.local().shard().tasks.spawn(
      "socket.io end", end_socket(session_.shared_from_this(), found->second, lost));
  sockets_.erase(found);
  if (sockets_.empty()) session_.close_in(connect_timeout_);
}

void Client::session_over() {
  std::vector<std::string> told_to_leave;
  for (const auto& [nsp, socket] : sockets_) {
    if (socket->open()) continue;
    if (socket->wants_return()) return session_.close();
    told_to_leave.push_back(nsp);
  }
  for (const auto& nsp : told_to_leave) drop(nsp, false);
  if (sockets_.empty()) session_.close();
}

Task<> Client::end() {
  const auto session = session_.shared_from_this();
  auto sockets = std::exchange(sockets_, {});
  for (const auto& [nsp, socket] : sockets) co_await socket->end(true);
}

}  // namespace stoa::realtime::socketio
