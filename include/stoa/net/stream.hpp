#pragma once
// A TCP connection, with or without TLS, as one type, so that the HTTP and WebSocket engines are
// compiled once for both. An AsyncReadStream and AsyncWriteStream of Asio; used on its shard only.
#include <stoa/core/task.hpp>

#include <memory>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace stoa::net {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class Stream {
 public:
  using executor_type = Executor;
  using TlsStream = asio::ssl::stream<Socket&>;

  explicit Stream(Socket socket) : socket_(std::move(socket)) {}
  Stream(Socket socket, asio::ssl::context& tls)
      : socket_(std::move(socket)), tls_(std::make_unique<TlsStream>(socket_, tls)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Moves the connection to another shard's loop. Nothing may be under way on it, and over TLS nothing
  // received that has not been read.
  void rehome(const Executor& executor);

  executor_type get_executor() noexcept { return socket_.get_executor(); }
  bool secure() const noexcept { return tls_ != nullptr; }
  Socket& socket() noexcept { return socket_; }
  TlsStream* tls() noexcept { return tls_.get(); }

  // A handshake ends with an error, and with this true, where the client's hello has come, before anything is reckoned for it.
  // After greet() it is to be begun again, and goes on.
  bool is_at_hello() const noexcept;
  void greet() noexcept;

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return tls_ ? tls_->async_read_some(buffers, std::forward<Token>(token))
                : socket_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return tls_ ? tls_->async_write_some(buffers, std::forward<Token>(token))
                : socket_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
};

using StreamPtr = std::unique_ptr<Stream>;

}  // namespace stoa::net
