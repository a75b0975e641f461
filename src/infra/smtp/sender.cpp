#include "infra/smtp/connections.hpp"
#include "infra/smtp/transfer.hpp"

#include <stoa/smtp/sender.hpp>

#include <new>
#include <stdexcept>
#include <utility>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>
#include <sys/socket.h>

namespace stoa::smtp {
namespace {

// libcurl says goodbye when a handle goes, and waits for the answer to that: not where nobody may be there any more.
void hang_up(CURL* easy) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK) return;
  if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RDWR);
}

}  // namespace

Sender::Connections::Connections(const SenderOptions& options) : options_(options) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("no libcurl");
}

Sender::Connections::~Connections() {
  for (const Easy& easy : idle_) hang_up(easy.get());
  idle_.clear();
  curl_global_cleanup();
}

Answer Sender::Connections::send(const Envelope& envelope, const std::string& message,
                                 const std::atomic<bool>& is_called_off) {
  Easy easy = take();
  Transfer transfer(easy.get(), options_, envelope, message, is_stopping_, is_called_off);
  Answer answer = transfer.run();
  if (answer.outcome == Outcome::accepted) {
    keep(std::move(easy));
  } else {
    hang_up(easy.get());
    easy.reset();  // it says goodbye by what the transfer has set
  }
  return answer;
}

Easy Sender::Connections::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Easy easy = std::move(idle_.back());
      idle_.pop_back();
      return easy;
    }
  }
  Easy easy(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  return easy;
}

void Sender::Connections::keep(Easy easy) {
  curl_easy_reset(easy.get());  // of what points into the transfer; its connection stays
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(easy));
}

Sender::Sender(const SenderOptions& options)
    : connections_(std::make_unique<Connections>(options)), pool_(options.threads, 0) {}

Sender::~Sender() {
  stop();
}

Task<Answer> Sender::send(Envelope envelope, std::string message) {
  const auto is_called_off = std::make_shared<std::atomic<bool>>(false);
  // The thread that sends knows nothing of tasks that are cancelled.
  auto cancelling = co_await asio::this_coro::cancellation_state;
  if (cancelling.slot().is_connected()) {
    cancelling.slot().assign([is_called_off](asio::cancellation_type) { *is_called_off = true; });
  }
  auto work = [this, is_called_off, envelope = std::move(envelope), message = std::move(message)] {
    return connections_->send(envelope, message, *is_called_off);
  };
  Answer answer = co_await pool_.run_unbounded(std::move(work));
  cancelling.slot().clear();
  co_return answer;
}

Answer Sender::send_blocking(const Envelope& envelope, const std::string& message) {
  return connections_->send(envelope, message, false);
}

void Sender::stop() {
  connections_->interrupt();
  pool_.stop();
}

}  // namespace stoa::smtp
