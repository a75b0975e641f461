#include "support.hpp"

#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/read.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::realtime::test {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

Uuid uuid_of(std::string_view name) {
  Uuid id;
  for (std::size_t i = 0; i < name.size(); ++i)
    id.bytes[i % 16] ^= static_cast<std::uint8_t>(name[i]);
  id.bytes[15] ^= 0x55;
  return id;
}

Task<> serve_one(net::Shard* shard, net::UpgradeHandler handler,
                 std::unique_ptr<net::Stream> stream) {
  net::Upgrade upgrade;
  boost::system::error_code error;
  co_await boost::beast::http::async_read(stream->socket(), upgrade.leftover, upgrade.request,
                                          asio::redirect_error(use_task, error));
  if (error) co_return;
  upgrade.stream = std::move(stream);
  upgrade.client.address = "127.0.0.1";
  upgrade.client.request_id = "request";
  upgrade.shard = shard;
  Task<> task = handler(std::move(upgrade));
  co_await std::move(task);
}

Task<> accept_all(net::Shard* shard, std::shared_ptr<Acceptor> acceptor,
                  net::UpgradeHandler handler) {
  for (;;) {
    net::Socket socket = co_await acceptor->async_accept(use_task);
    socket.set_option(asio::ip::tcp::no_delay(true));
    auto stream = std::make_unique<net::Stream>(std::move(socket));
    shard->tasks.spawn("connection", serve_one(shard, handler, std::move(stream)));
  }
}

}  // namespace

UserId user_of(std::string_view name) {
  return {uuid_of(name.substr(0, name.find('@')))};
}
AuthSessionId sign_in_of(std::string_view name) {
  return {uuid_of(name)};
}

Task<Caller> FakeAuthenticator::authenticate(std::string token, Client client) {
  ++waiting_;
  while (held_) co_await asio::post(co_await asio::this_coro::executor, use_task);
  --waiting_;
  if (token == "bad") throw Error(Code::invalid_token);
  if (token == "suspended") throw Error(Code::suspended);
  if (token == "down") throw Error(Code::db_unavailable);
  Caller caller{user_of(token), sign_in_of(token),
                std::make_shared<const Client>(std::move(client))};
  const auto at = token.find('@');
  if (at != std::string::npos && token.ends_with("ms")) {
    caller.token_expires = now() + std::chrono::milliseconds(std::stoi(token.substr(at + 1)));
  }
  co_return caller;
}

std::optional<Uuid> FakeAuthenticator::counted_for(const std::string& token) const noexcept {
  return token == "bad" ? std::nullopt : std::optional(user_of(token).uuid);
}

Task<Role> FakeAuthenticator::role_of(Caller caller) {
  ++asked_;
  const std::lock_guard lock(mutex_);
  if (failure_) throw Error(*failure_);
  const auto found = roles_.find(caller.user);
  co_return found == roles_.end() ? Role::learner : found->second;
}

void FakeAuthenticator::set_role(std::string_view name, Role role) {
  const std::lock_guard lock(mutex_);
  roles_[user_of(name)] = role;
}

void FakeAuthenticator::fail_roles(Code code) {
  const std::lock_guard lock(mutex_);
  failure_ = code;
}

int Frame::close_code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

WsClient::WsClient(std::uint16_t port, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

WsClient::WsClient(WsClient&& other) noexcept
    : response(std::move(other.response)),
      fd_(std::exchange(other.fd_, -1)),
      in_(std::move(other.in_)) {}

WsClient::~WsClient() {
  shut();
}

void WsClient::shut() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void WsClient::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool WsClient::fill(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, std::max<int>(0, static_cast<int>(left.count()))) <= 0) return false;
  char buffer[65536];
  const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  in_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

int WsClient::upgrade(const std::string& target, const std::vector<std::string>& headers) {
  std::string request = "GET " + target +
                        " HTTP/1.1\r\nHost: stoa.example:3000\r\nUpgrade: websocket\r\n"
                        "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const auto& header : headers) request += header + "\r\n";
  write(request + "\r\n");
  return answer();
}

int WsClient::answer() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill(until)) return 0;
  }
  response = in_.substr(0, end + 4);
  in_.erase(0, end + 4);
  const int status = std::stoi(response.substr(9, 3));
  if (status != 101) {
    while (fill(until)) {
    }
    response += in_;
  }
  return status;
}

void WsClient::frame(std::uint8_t first, std::string_view payload, bool masked) {
  std::string out(1, static_cast<char>(first));
  const char mask_bit = masked ? '\x80' : '\0';
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(mask_bit | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  constexpr unsigned char kMask[] = {0x12, 0x34, 0x56, 0x78};
  if (masked) out.append(reinterpret_cast<const char*>(kMask), 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += masked ? static_cast<char>(payload[i] ^ static_cast<char>(kMask[i % 4])) : payload[i];
  }
  write(out);
}

void WsClient::send(std::string_view text) {
  frame(0x81, text);
}

void WsClient::send(const std::string& type, const std::string& payload, const std::string& id) {
  send("{\"type\":\"" + type + "\",\"payload\":" + payload + (id.empty() ? "" : ",\"id\":" + id) +
       "}");
}

Frame WsClient::read(bool with_control) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    if (in_.size() >= 2) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in_[i]); };
      EXPECT_EQ(byte(1) & 0x80, 0) << "a server's frame is masked";
      std::size_t header = 2;
      std::size_t length = byte(1) & 0x7f;
      const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
      header += more;
      if (in_.size() >= header) {
        if (more > 0) length = 0;
        for (std::size_t i = 0; i < more; ++i) length = length << 8 | byte(2 + i);
        if (in_.size() >= header + length) {
          Frame frame{byte(0) & 0x0f, in_.substr(header, length)};
          EXPECT_EQ(byte(0) & 0xf0, 0x80);
          in_.erase(0, header + length);
          if (with_control || frame.opcode == 1 || frame.opcode == 8) return frame;
          continue;
        }
      }
    }
    if (!fill(until)) return {};
  }
}

Json WsClient::next() {
  const Frame frame = read();
  EXPECT_EQ(frame.opcode, 1) << "the connection ended with " << frame.close_code();
  if (frame.opcode != 1) return Json::object({{"type", nullptr}});
  return Json::parse(frame.payload);
}

Json WsClient::next(std::string_view type) {
  for (;;) {
    Json message = next();
    if (message["type"].is_null() || message["type"] == type) return message;
  }
}

int WsClient::closed() {
  for (;;) {
    const Frame frame = read();
    if (frame.opcode == -1) return 0;
    if (frame.opcode == 8) return frame.close_code();
  }
}

Node::Node(const std::function<void(Config&)>& change, const MakeEvents& events, std::size_t shards,
           std::vector<SessionObserver*> observers, std::unique_ptr<Broker> broker) {
  config.realtime.events_per_second = 1e6;
  config.realtime.events_burst = 1000000;
  config.rate_limits.enabled = false;
  config.realtime.max_sessions_per_user = 10000;
  config.realtime.max_sessions_per_address = 10000;
  config.realtime.max_guests_per_address = 10000;
  config.realtime.max_unknown_per_address = 10000;
  if (change) change(config);
  runtime_ = std::make_unique<net::Runtime>(shards);
  limiter_ = std::make_unique<net::RateLimiter>(config.rate_limits);
  gateway_ = std::make_unique<Gateway>(*runtime_, config, *limiter_, std::move(broker));
  endpoint_ =
      std::make_unique<Endpoint>(*gateway_, Registry({events ? events(*gateway_) : Events{}}),
                                 std::move(observers), config.realtime.guests);
  gateway_->start(authenticator_);
  const auto handler = native_upgrade(*gateway_, *endpoint_);
  for (std::size_t i = 0; i < shards; ++i) {
    net::Shard& shard = runtime_->shard(i);
    const auto acceptor = std::make_shared<Acceptor>(
        shard.context.get_executor(), asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    ports_.push_back(acceptor->local_endpoint().port());
    shard.tasks.spawn("accept", accept_all(&shard, acceptor, handler));
  }
  runtime_->start();
}

Node::~Node() {
  runtime_->stop();
  gateway_.reset();
}

WsClient Node::connect(const std::string& token, std::size_t shard, int receive_buffer) {
  WsClient client(port(shard), receive_buffer);
  EXPECT_EQ(client.upgrade("/ws?token=" + token), 101) << client.response;
  return client;
}

WsClient Node::open(std::size_t shard) {
  WsClient client(port(shard));
  EXPECT_EQ(client.upgrade(), 101) << client.response;
  return client;
}

Publication Node::message(const Topic& topic, std::int64_t seq, bool with_seq) {
  Publication out{topic, "new_message", "{\"seq\":" + std::to_string(seq) + "}", std::nullopt,
                  std::nullopt};
  if (with_seq) out.seq = seq;
  return out;
}

}  // namespace stoa::realtime::test
