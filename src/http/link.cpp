#include "http/link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <linux/sockios.h>
#include <sys/ioctl.h>

namespace stoa::http {
namespace {

constexpr std::size_t kTlsRead = 8 * config::kKiB;

}  // namespace

Link::Link(std::shared_ptr<ShardConnections> common, net::StreamPtr stream,
           net::ConnectionCount::Seat seat)
    : common_(std::move(common)),
      stream_(std::move(stream)),
      seat_(std::move(seat)),
      holding_(common_->shard_.waiting, [this] { give_up(); }) {
  common_->list_.push_back(*this);
  seat_.yield([shard = &common_->shard_, self = std::weak_ptr(self_)] {
    asio::post(shard->context, [self] {
      if (const auto link = self.lock()) (*link)->give_way();
    });
  });
}

void Link::enter_until(Phase phase, Clock::time_point deadline) noexcept {
  phase_ = phase;
  deadline_ = deadline;
  if (!seat_.stand(standing())) displaced_ = true;
}

net::Standing Link::standing() const noexcept {
  switch (phase_) {
    case Phase::greeting:
    case Phase::idle:
    case Phase::ending:
      return net::Standing::waits;
    case Phase::reading:
    case Phase::writing:
      return known_ ? net::Standing::firm : net::Standing::waits;
    case Phase::working:
      break;
  }
  return net::Standing::firm;
}

void Link::expire(Clock::time_point now) {
  if (now < deadline_) return;
  if (phase_ == Phase::writing && client_reads()) {
    deadline_ = now + common_->options_.write_timeout;
    return;
  }
  deadline_ = Clock::time_point::max();
  timed_out_ = true;
  boost::system::error_code ignored;
  stream_->socket().cancel(ignored);
}

// What is being read is refused, what is being written is cut; a handler that is at work has its answer sent first.
void Link::give_up() {
  given_up_ = true;
  if (!stream_) return;
  boost::system::error_code ignored;
  if (phase_ != Phase::working) stream_->socket().cancel(ignored);
}

// At once and without a goodbye, since whoever has its place is here already.
void Link::give_way() {
  displaced_ = true;
  if (!stream_) return;
  boost::system::error_code ignored;
  stream_->socket().close(ignored);
}

// Whether the client has taken enough since this was last asked. What waits in the kernel was not taken: its buffers
// are so large that a slow reader may see nothing of ours for longer than any deadline.
bool Link::client_reads() {
  int queued = 0;
  if (::ioctl(stream_->socket().native_handle(), SIOCOUTQ, &queued) != 0) return false;
  const auto taken = written_ - std::min<std::uint64_t>(written_, static_cast<unsigned>(queued));
  if (taken < taken_ + common_->options_.progress_bytes) return false;
  taken_ = taken;
  return true;
}

std::function<void()> Link::cutter(std::weak_ptr<const void> answer) const {
  return [shard = &common_->shard_, self = std::weak_ptr(self_), answer = std::move(answer)] {
    asio::post(shard->context, [self, answer] {
      const auto link = self.lock();
      if (link && !answer.expired()) (*link)->give_way();
    });
  };
}

void Link::drain() {
  boost::system::error_code ignored;
  if (phase_ == Phase::idle) stream_->socket().cancel(ignored);
}

void Link::consume(std::size_t bytes) {
  consumed_ += bytes;
  if (consumed_ < input_.size()) return;
  input_.clear();
  consumed_ = 0;
  count();
}

// Signing costs a millisecond with RSA, so who has said hello waits for a turn as with anything large.
Task<bool> Link::shake_hands(TurnKey who) {
  boost::system::error_code failed;
  enter(Phase::greeting, common_->options_.header_timeout);
  // OpenSSL holds 16 KiB for a handshake from its beginning: none for who says nothing.
  co_await stream_->socket().async_wait(net::Socket::wait_read,
                                        asio::redirect_error(use_task, failed));
  if (failed || is_over()) co_return false;
  for (;;) {
    co_await stream_->tls()->async_handshake(asio::ssl::stream_base::server,
                                             asio::redirect_error(use_task, failed));
    if (!failed) co_return true;
    if (!stream_->is_at_hello() || is_over()) co_return false;
    co_await common_->shard_.turns.next(who);
    if (is_over()) co_return false;
    stream_->greet();
  }
}

Task<bool> Link::receive() {
  boost::system::error_code failed;
  if (is_over()) co_return false;
  if (received().empty()) {
    release_buffer();  // a client may take its time until it sends more
  } else {
    input_.erase(0, std::exchange(consumed_, 0));
  }
  if (stream_->secure()) {
    const auto held = input_.size();
    input_.resize(held + kTlsRead);
    const auto room = asio::buffer(input_.data() + held, kTlsRead);
    const std::size_t came =
        co_await stream_->async_read_some(room, asio::redirect_error(use_task, failed));
    input_.resize(held + (failed ? 0 : came));
    count();
    co_return !failed && !given_up_;
  }
  auto& socket = stream_->socket();
  for (;;) {
    co_await socket.async_wait(net::Socket::wait_read, asio::redirect_error(use_task, failed));
    if (failed || given_up_) co_return false;
    const auto came = socket.read_some(asio::buffer(common_->scratch_), failed);
    if (failed == asio::error::would_block) continue;
    if (failed) co_return false;
    input_.append(common_->scratch_.data(), came);
    count();
    co_return true;
  }
}

void Link::begin_body() noexcept {
  waited_ = std::chrono::nanoseconds(0);
  gathered_ = 0;
}

Task<bool> Link::receive_body() {
  const auto began = Clock::now();
  enter_until(Phase::reading, began + (common_->options_.body_timeout - waited_));
  const auto held = received().size();
  const bool more = co_await receive();
  if (!more) co_return false;
  waited_ += Clock::now() - began;
  gathered_ += received().size() - held;
  if (gathered_ >= common_->options_.progress_bytes) begin_body();
  work();
  co_return !displaced_;
}

Task<std::size_t> Link::discard() {
  boost::system::error_code failed;
  if (timed_out_ || displaced_) co_return 0;
  // The scratch serves one read at a time, but nobody looks at these bytes.
  const std::size_t count = co_await stream_->async_read_some(
      asio::buffer(common_->scratch_), asio::redirect_error(use_task, failed));
  co_return failed ? 0 : count;
}

std::optional<std::size_t> Link::write_now(std::string_view head, std::string_view content) {
  if (stream_->secure()) return 0;
  boost::system::error_code failed;
  auto& socket = stream_->socket();
  const std::array<asio::const_buffer, 2> both = {asio::buffer(head), asio::buffer(content)};
  const auto sent = content.empty() ? socket.write_some(asio::buffer(head), failed)
                                    : socket.write_some(both, failed);
  if (failed && failed != asio::error::would_block) return std::nullopt;
  written_ += sent;
  return sent;
}

Task<bool> Link::write(std::string head, std::string_view content) {
  enter(Phase::writing, common_->options_.write_timeout);
  std::string_view first = head;
  while (!first.empty() || !content.empty()) {
    if (displaced_) co_return false;
    boost::system::error_code failed;
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first), asio::buffer(content)};
    const std::size_t sent =
        co_await stream_->async_write_some(buffers, asio::redirect_error(use_task, failed));
    if (failed) co_return false;
    written_ += sent;
    const auto of_first = std::min(sent, first.size());
    first.remove_prefix(of_first);
    content.remove_prefix(sent - of_first);
  }
  work();
  co_return true;
}

Task<> Link::close() {
  if (!stream_->secure() || displaced_) co_return;
  boost::system::error_code ignored;
  enter(Phase::ending, common_->options_.linger_timeout);
  co_await stream_->tls()->async_shutdown(asio::redirect_error(use_task, ignored));
}

}  // namespace stoa::http
