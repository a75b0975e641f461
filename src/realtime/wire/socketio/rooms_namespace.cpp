#include "realtime/wire/socketio/rooms_namespace.hpp"

#include "realtime/bearer.hpp"
#include "realtime/client_session.hpp"
#include "realtime/handshakes.hpp"

#include <stoa/core/base64.hpp>

#include <array>
#include <charconv>
#include <utility>

#include <openssl/rand.h>

namespace stoa::realtime::socketio {
namespace {

constexpr std::size_t kMaxToken = 8192;

// Of the field; some clients send a token there and no scheme. Another scheme is a proxy's affair, as "Basic".
std::string_view token_of(std::string_view authorization) {
  const auto token = without_bearer(authorization);
  return token.find(' ') == std::string_view::npos ? token : std::string_view();
}

// Ends a session without its transport.
Task<> end_session(std::shared_ptr<ClientSession> session) {
  co_await session->quiet();
  session->end();
  session->leave();
}

class SessionSocket final : public Socket {
 public:
  SessionSocket(std::shared_ptr<GatewayState> gateway, std::shared_ptr<ClientSession> session,
                std::string sid, std::string pid, Returns returns = {})
      : gateway_(std::move(gateway)),
        session_(std::move(session)),
        sid_(std::move(sid)),
        pid_(std::move(pid)),
        returns_(returns) {}

  const std::string& sid() const noexcept override { return sid_; }
  const std::string& pid() const noexcept override { return pid_; }
  bool event(Incoming in) override { return session_->offer(std::move(in)); }
  bool affords(std::size_t bytes) override { return session_->affords(bytes); }
  Task<> settle() override { return session_->settle(); }
  // Nothing of the study-room's asks for one.
  void acknowledged(const std::string&, Json) override {}
  bool open() const noexcept override { return session_->open(); }
  bool wants_return() const noexcept override { return !is_final(session_->closed_with()); }
  std::optional<Uuid> share() const override {
    const auto& caller = session_->caller();
    return caller ? std::optional(caller->session.uuid) : std::nullopt;
  }

  Task<> end(bool lost) override {
    co_await session_->quiet();
    if (lost) keep();
    session_->end();
    session_->leave();
  }

 private:
  // So that the client may come back for the session.
  void keep() {
    auto topics = session_->resumable_topics();
    const bool worth = !pid_.empty() && session_->caller() && wants_return() && topics;
    if (!worth) return;
    LostSession lost{sid_,
                     session_->caller()->user,
                     session_->id(),
                     std::move(topics->topics),
                     std::move(topics->heard_after),
                     returns_,
                     {}};
    gateway_->lost.put(pid_, std::move(lost), Clock::now());
  }

  std::shared_ptr<GatewayState> gateway_;
  std::shared_ptr<ClientSession> session_;
  const std::string sid_;
  const std::string pid_;
  const Returns returns_;
};

// Private ids and offsets begin with the node that gave them: another one, or this one's predecessor, has other sessions
// and counts otherwise.
std::string prefix_of(NodeId node) {
  return node.str() + ".";
}

// What was published on a topic after it was the session's.
bool is_for(const LostSession& lost, const Publication& one, std::uint64_t number) {
  if (one.except == lost.session) return false;
  for (std::size_t i = 0; i < lost.topics.size(); ++i) {
    if (lost.topics[i] == one.topic) return number > lost.heard_after[i];
  }
  return false;
}

// Whether half of a session's queue holds what it missed: it is handed over in one piece.
bool fits(const PublicationLog& log, const LostSession& lost, std::uint64_t number,
          const config::Realtime& limits) {
  constexpr std::size_t kEnvelope = 128;  // of an event, with its offset
  const auto missed = log.since(number, lost.topics);
  if (!missed) return false;
  std::size_t frames = 0, bytes = 0;
  for (const auto& found : missed->publications) {
    const Publication& one = (*found.batch)[found.index];
    if (!is_for(lost, one, found.number)) continue;
    ++frames;
    bytes += one.payload.size() + kEnvelope;
  }
  return frames <= limits.max_queue_frames / 2 && bytes <= limits.max_queue_bytes.bytes / 2;
}

// What a client that comes back says of its old session.
struct Return {
  std::string pid;
  std::uint64_t number = 0;  // of its offset
};

// Empty where it was another node's.
std::optional<Return> find_return(const Json& auth, NodeId node) {
  const auto pid = auth.find("pid");
  const auto offset = auth.find("offset");
  if (pid == auth.end() || offset == auth.end()) return std::nullopt;
  if (!pid->is_string() || !offset->is_string()) return std::nullopt;
  Return out{pid->get<std::string>(), 0};
  std::string_view text = offset->get_ref<const std::string&>();
  const std::string prefix = prefix_of(node);
  if (!out.pid.starts_with(prefix) || !text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out.number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> find_token(const Json& auth, const engineio::Handshake& handshake) {
  std::string_view token;
  for (const char* name : {"token", "accessToken", "ticket"}) {
    const auto found = auth.find(name);
    if (found != auth.end() && found->is_string() && token.empty()) {
      token = found->get_ref<const std::string&>();
    }
  }
  if (token.empty()) token = token_of(handshake.authorization);
  for (const char* name : {"token", "access_token", "ticket"}) {
    if (token.empty()) token = handshake.query_value(name);
  }
  token = without_bearer(token);
  if (token.empty()) return std::nullopt;
  return std::string(token.substr(0, kMaxToken + 1));
}

std::string make_socket_id() {
  std::array<unsigned char, 15> bytes;
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

RoomsNamespace::RoomsNamespace(std::shared_ptr<GatewayState> gateway, const Endpoint& endpoint,
                               const config::SocketIo& config)
    : gateway_(std::move(gateway)),
      endpoint_(endpoint),
      config_(config),
      recovers_(config.recovery_window.count() > 0),
      codec_(std::make_shared<SocketIoCodec>(recovers_ ? prefix_of(gateway_->node.id) : "")) {}

// Where the handshake's has been given away before, another one.
Admission::Ticket RoomsNamespace::place_of(engineio::Session& client,
                                           const std::optional<Caller>& caller) const {
  Admission& admission = gateway_->admission;
  const std::string& address = client.handshake().client.address;
  if (!client.ticket()) {
    if (caller) return admission.admit(address, caller->user);
    return endpoint_.guests() ? admission.admit_guest(address) : admission.admit(address);
  }
  if (caller) {
    client.ticket().claim(caller->user);
  } else if (endpoint_.guests()) {
    client.ticket().be_guest();
  }
  return std::move(client.ticket());
}

Task<std::shared_ptr<Socket>> RoomsNamespace::connect(std::shared_ptr<engineio::Session> client,
                                                      std::string nsp, Json auth) {
  if (nsp != "/") co_return nullptr;
  std::optional<Caller> caller;
  stoa::Client about = client->handshake().client;
  auto token = find_token(auth, client->handshake());
  // A connection may join and leave as often as it likes, and each time it may be asked who it is. The handshake has paid for
  // the first.
  if (!client->ticket() || client->waits_again()) {
    count_handshake(*gateway_, about.address, token);
  }
  const Admission::Judging judging(client->ticket());
  if (token) {
    std::string secret = std::move(*token);
    caller = co_await gateway_->authenticator->authenticate(std::move(secret), about);
  } else if (!endpoint_.guests() && !config_.late_authentication) {
    throw Error(Code::unauthorized);
  }
  if (gateway_->phase != Phase::serving) throw Error(Code::shutting_down);
  Admission::Ticket ticket = place_of(*client, caller);
  auto session =
      std::make_shared<ClientSession>(gateway_, client->local(), endpoint_, codec_,
                                      client->outbound(), std::move(about), std::move(ticket));
  if (recovers_) gateway_->hub.keep_log();

  const NodeId node = gateway_->node.id;
  const auto back = recovers_ && caller ? find_return(auth, node) : std::nullopt;
  std::optional<LostSession> lost;
  // Looked up before the session is given away: an offset that is too old is a reason to begin anew.
  if (back && gateway_->hub.log().reaches(back->number)) {
    lost = gateway_->lost.take(back->pid, caller->user, Clock::now());
    const auto& limits = gateway_->config.realtime;
    if (lost && !fits(gateway_->hub.log(), *lost, back->number, limits)) lost.reset();
  }
  if (!lost) {
    session->start(std::move(caller));
    std::string pid = recovers_ ? prefix_of(node) + make_socket_id() : std::string();
    co_return std::make_shared<SessionSocket>(gateway_, session, make_socket_id(), std::move(pid));
  }
  session->deafen(back->number);
  session->start(std::move(caller));
  const std::string sid = lost->sid;
  const Returns returns = lost->returns;
  std::exception_ptr failure;
  try {
    co_await resume(session, std::move(*lost), back->number);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await end_session(session);
    std::rethrow_exception(failure);
  }
  co_return std::make_shared<SessionSocket>(gateway_, session, sid, back->pid, returns);
}

Task<> RoomsNamespace::resume(std::shared_ptr<ClientSession> session, LostSession lost,
                              std::uint64_t number) {
  for (SessionObserver* observer : endpoint_.observers()) {
    SessionPtr resumed = session;
    std::vector<Topic> topics = lost.topics;
    co_await observer->session_resumed(std::move(resumed), std::move(topics));
  }
  // Only what it was subscribed to then and is again.
  std::vector<Topic> topics;
  for (std::size_t i = 0; i < lost.topics.size(); ++i) {
    if (!session->subscribed(lost.topics[i])) continue;
    session->set_heard_after(lost.topics[i], lost.heard_after[i]);
    topics.push_back(lost.topics[i]);
  }
  std::vector<Topic> heard = topics;
  co_await gateway_->hub.listening(std::move(heard));
  const auto missed = gateway_->hub.log().since(number, topics);
  if (!missed) throw Error(Code::overloaded, "Too much has happened meanwhile; connect again");
  for (const auto& found : missed->publications) {
    const Publication& one = (*found.batch)[found.index];
    if (!is_for(lost, one, found.number) || one.except == session->id()) continue;
    if (!session->open()) break;
    session->push(codec_->encode_event(one.event, one.payload, found.number));
  }
  session->hear_after(missed->up_to);
}

}  // namespace stoa::realtime::socketio
