#include "realtime/wire/socketio/rooms_namespace.hpp"

#include "realtime/connection.hpp"

#include <stoa/core/base64.hpp>

#include <array>
#include <utility>

#include <openssl/rand.h>

namespace stoa::realtime::socketio {
namespace {

constexpr std::size_t kMaxToken = 8192;

std::string_view without_scheme(std::string_view token) {
  constexpr std::string_view kScheme = "bearer ";
  if (token.size() < kScheme.size()) return token;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((token[i] | 0x20) != (kScheme[i] | 0x20)) return token;
  }
  return token.substr(kScheme.size());
}

class SessionSocket final : public Socket {
 public:
  explicit SessionSocket(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)), sid_(make_socket_id()) {}

  const std::string& sid() const noexcept override { return sid_; }
  const std::string& pid() const noexcept override { return pid_; }
  bool event(Incoming in) override { return connection_->offer(std::move(in)); }
  Task<> settle() override { return connection_->settle(); }
  // Nothing of the study-room's asks for one.
  void acknowledged(const std::string&, Json) override {}
  bool open() const noexcept override { return connection_->open(); }
  bool wants_return() const noexcept override { return !is_final(connection_->closed_with()); }

  Task<> end(bool) override {
    co_await connection_->quiet();
    connection_->end();
    connection_->leave();
  }

 private:
  std::shared_ptr<Connection> connection_;
  std::string sid_;
  std::string pid_;
};

}  // namespace

std::optional<std::string> find_token(const Json& auth, const engineio::Handshake& handshake) {
  std::string_view token;
  for (const char* name : {"token", "accessToken", "ticket"}) {
    const auto found = auth.find(name);
    if (found != auth.end() && found->is_string() && token.empty()) {
      token = found->get_ref<const std::string&>();
    }
  }
  if (token.empty()) token = handshake.authorization;
  for (const char* name : {"token", "access_token", "ticket"}) {
    if (token.empty()) token = handshake.query_value(name);
  }
  token = without_scheme(token);
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
      codec_(std::make_shared<SocketIoCodec>(false)) {}

Task<std::shared_ptr<Socket>> RoomsNamespace::connect(std::shared_ptr<engineio::Session> client,
                                                      std::string nsp, Json auth) {
  if (nsp != "/") co_return nullptr;
  std::optional<Caller> caller;
  Client about = client->handshake().client;
  if (auto token = find_token(auth, client->handshake())) {
    std::string secret = std::move(*token);
    caller = co_await gateway_->authenticator.authenticate(std::move(secret), about);
  } else if (!endpoint_.guests() && !config_.late_authentication) {
    throw Error(Code::unauthorized);
  }
  if (gateway_->phase != Phase::serving) throw Error(Code::shutting_down);
  auto ticket = client->take_ticket();
  if (!ticket) ticket = gateway_->admission.admit(about.address);
  const auto connection =
      std::make_shared<Connection>(gateway_, client->local(), endpoint_, codec_, client->outbound(),
                                   std::move(about), std::move(ticket));
  connection->start(std::move(caller));
  co_return std::make_shared<SessionSocket>(connection);
}

}  // namespace stoa::realtime::socketio
