#include "features/files/clamd.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

namespace stoa::files {
namespace {

using Socket = asio::generic::stream_protocol::socket;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kScanned = std::size_t{64} << 10;
constexpr std::size_t kMostReply = 4096;

// The length of a piece, in four bytes, the highest first.
std::string length_of(std::size_t size) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift);
  return text;
}

Task<ErrorCode> send(Socket& socket, std::string_view first, std::string_view then) {
  ErrorCode failed;
  const std::array<asio::const_buffer, 2> both = {asio::buffer(first), asio::buffer(then)};
  co_await asio::async_write(socket, both, asio::redirect_error(use_task, failed));
  co_return failed;
}

// Whether all of it was taken.
Task<bool> send_all(Socket& socket, storage::Object& object) {
  ErrorCode failed = co_await send(socket, std::string_view("zINSTREAM\0", 10), {});
  for (std::uint64_t offset = 0; !failed && offset < object.size();) {
    const auto piece = co_await object.read(offset, kScanned);
    if (piece.empty()) throw Unavailable("the file ends sooner than it should");
    offset += piece.size();
    const std::string length = length_of(piece.size());
    failed = co_await send(socket, length, piece);
  }
  const std::string end = length_of(0);
  if (!failed) failed = co_await send(socket, end, {});
  co_return !failed;
}

std::optional<std::string> verdict_of(std::string_view reply) {
  constexpr std::string_view kStream = "stream: ", kFound = " FOUND";
  if (reply == "stream: OK") return std::nullopt;
  if (reply.starts_with(kStream) && reply.ends_with(kFound)) {
    reply.remove_prefix(kStream.size());
    reply.remove_suffix(std::min(kFound.size(), reply.size()));
    return std::string(reply.empty() ? "something" : reply);
  }
  throw Unavailable("clamd said: " + std::string(reply.substr(0, 200)));
}

}  // namespace

std::optional<Clamd::Endpoint> Clamd::parse(std::string_view address) {
  constexpr std::string_view kUnix = "unix:", kTcp = "tcp://";
  if (address.starts_with(kUnix)) {
    address.remove_prefix(kUnix.size());
    constexpr std::size_t kMostPath = 107;
    if (!address.starts_with('/') || address.size() > kMostPath) return std::nullopt;
    return Endpoint(asio::local::stream_protocol::endpoint(std::string(address)));
  }
  if (!address.starts_with(kTcp)) return std::nullopt;
  address.remove_prefix(kTcp.size());
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  ErrorCode bad;
  const auto ip = asio::ip::make_address(std::string(host), bad);
  std::uint16_t port = 0;
  const auto text = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (bad || error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return std::nullopt;
  }
  return Endpoint(asio::ip::tcp::endpoint(ip, port));
}

Task<std::optional<std::string>> Clamd::scan(storage::Object& object) const {
  const auto executor = co_await asio::this_coro::executor;
  const auto socket = std::make_shared<Socket>(executor);
  asio::steady_timer timer(executor, timeout_);
  timer.async_wait([kept = std::weak_ptr(socket)](const ErrorCode& stopped) {
    const auto still = kept.lock();
    ErrorCode ignored;
    if (!stopped && still) still->close(ignored);
  });
  ErrorCode failed;
  co_await socket->async_connect(endpoint_, asio::redirect_error(use_task, failed));
  if (failed) throw Unavailable("clamd is not there: " + failed.message());
  const bool sent = co_await send_all(*socket, object);
  std::string reply;
  co_await asio::async_read_until(*socket, asio::dynamic_buffer(reply, kMostReply), '\0',
                                  asio::redirect_error(use_task, failed));
  const auto end = reply.find('\0');
  if (end == std::string::npos) {
    throw Unavailable(sent ? "clamd did not answer" : "clamd closed the connection");
  }
  reply.resize(end);
  // What it has not read whole it cannot find clean.
  auto verdict = verdict_of(reply);
  if (!verdict && !sent) throw Unavailable("clamd has not read all of it");
  co_return verdict;
}

}  // namespace stoa::files
