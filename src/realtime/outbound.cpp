#include "realtime/outbound.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

namespace stoa::realtime {

std::size_t Flusher::touch(Outbound* queue) {
  touched_.push_back(queue);
  if (!posted_) {
    posted_ = true;
    turns_ = 0;
    post();
  }
  return touched_.size() - 1;
}

// Its handler runs after all that is ready now, so that what those handlers append leaves together.
void Flusher::post() {
  seen_ = touched_.size();
  asio::post(executor_, [this] { end_turn(); });
}

void Flusher::end_turn() {
  if (touched_.size() > seen_ && turns_ < kTurns) {
    ++turns_;
    post();
  } else {
    flush();
  }
}

void Flusher::flush() {
  posted_ = false;
  flushing_.swap(touched_);
  for (Outbound* queue : flushing_) {
    if (queue != nullptr) queue->place_ = Outbound::kUntouched;
  }
  for (Outbound*& queue : flushing_) {
    if (queue != nullptr) queue->flush();
  }
  flushing_.clear();
}

struct Doorbell::Waiting {
  Waiting(Doorbell& at, const Executor& executor)
      : bell(at), timer(executor, Timer::time_point::max()), next(at.first_) {
    if (next != nullptr) next->before = this;
    bell.first_ = this;
  }
  ~Waiting() {
    (before != nullptr ? before->next : bell.first_) = next;
    if (next != nullptr) next->before = before;
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  Doorbell& bell;
  Timer timer;  // never expires by itself
  Waiting* before = nullptr;
  Waiting* next;
};

Task<> Doorbell::wait(Executor executor) {
  Waiting here(*this, executor);
  boost::system::error_code woken;
  co_await here.timer.async_wait(asio::redirect_error(use_task, woken));
}

void Doorbell::wake_all() {
  for (Waiting* one = first_; one != nullptr; one = one->next) one->timer.cancel();
}

Outbound::Outbound(std::unique_ptr<net::Stream> stream, Flusher& flusher, ShardCounters& counters,
                   OutboundLimits limits)
    : flusher_(&flusher),
      counters_(&counters),
      limits_(limits),
      holding_(flusher.waiting(), [this] { give_up(); }) {
  if (stream) attach(std::move(stream));
}

void Outbound::attach(std::unique_ptr<net::Stream> stream) {
  stream_ = std::move(stream);
  boost::system::error_code ignored;
  stream_->socket().non_blocking(true, ignored);
  if (frames() > 0) touch();
}

std::vector<Frame> Outbound::take() {
  counters_->frames_out.add(frames());
  counters_->bytes_out.add(bytes_);
  bytes_ = 0;
  count();
  settle();
  return std::exchange(queue_, {});
}

Outbound::~Outbound() {
  if (place_ != kUntouched) flusher_->forget(place_);
}

void Outbound::close() {
  if (place_ != kUntouched) flusher_->forget(std::exchange(place_, kUntouched));
  fail();
  boost::system::error_code ignored;
  if (stream_) stream_->socket().close(ignored);
}

void Outbound::append_always(Frame frame) {
  if (failed_) return;
  bytes_ += frame.size();
  queue_.push_back(std::move(frame));
  if (blocked_) count();  // else once it has been flushed
  touch();
}

std::size_t Outbound::drop_waiting() {
  const std::size_t keep = head_ + (offset_ > 0 ? 1 : 0);
  if (keep >= queue_.size()) return 0;
  const std::size_t dropped = queue_.size() - keep;
  for (std::size_t i = keep; i < queue_.size(); ++i) bytes_ -= queue_[i].size();
  queue_.resize(keep);
  count();
  return dropped;
}

// Too much waits on the shard, and here is most of it. Where the client has stopped reading it cannot be told why.
void Outbound::give_up() {
  const auto self = shared_from_this();
  counters_->slow_readers.add();
  counters_->frames_dropped.add(drop_waiting());
  const bool is_stuck = blocked_ || frames() > 0;
  if (on_surplus_) on_surplus_();
  if (is_stuck) close();
}

Task<> Outbound::drained() {
  const auto self = shared_from_this();
  while (!failed_ && (frames() > 0 || blocked_)) co_await drained_.wait(flusher_->executor());
}

void Outbound::session_over() {
  if (carrier_ != nullptr) {
    carrier_->session_over();
  } else {
    wake_reader();
  }
}

void Outbound::wake_reader() {
  if (!stream_) return;
  if (stream_->secure() && !failed_ && (frames() > 0 || blocked_)) {
    wake_reader_ = true;
    return;
  }
  wake_reader_ = false;
  boost::system::error_code ignored;
  stream_->socket().cancel(ignored);
}

void Outbound::touch() {
  if (!blocked_ && place_ == kUntouched) place_ = flusher_->touch(this);
}

bool Outbound::fits(const net::RateKey& sender, const Frame& frame) const {
  if (frames() == 0) return true;
  if (!fits(frame)) return false;
  if (!shares_) return true;
  const auto within = [&](const OutboundLimits& has, std::size_t part) {
    return has.frames < limits_.frames / part && has.bytes + frame.size() <= limits_.bytes / part;
  };
  const auto share = shares_->by_sender.find(sender);
  return within(shares_->all, 2) && (share == shares_->by_sender.end() || within(share->second, 4));
}

bool Outbound::append_of(const net::RateKey& sender, Frame frame) {
  if (!fits(sender, frame)) {
    flush();
    if (!fits(sender, frame)) return false;
  }
  if (frames() == 0) shares_.reset();
  if (!shares_) shares_ = std::make_unique<Shares>();
  for (OutboundLimits* has : {&shares_->all, &shares_->by_sender[sender]}) {
    ++has->frames;
    has->bytes += frame.size();
  }
  append_always(std::move(frame));
  return true;
}

void Outbound::flush() {
  if (failed_ || blocked_) return;
  if (!stream_) {
    if (carrier_ != nullptr && frames() > 0) carrier_->frames_wait();
  } else if (stream_->secure()) {
    flush_tls();
  } else {
    flush_plain();
  }
  count();
}

void Outbound::flush_plain() {
  while (head_ < queue_.size()) {
    std::array<iovec, kGather> parts;
    std::size_t count = 0;
    std::size_t total = 0;
    for (std::size_t i = head_; i < queue_.size() && count < kGather; ++i, ++count) {
      const std::size_t skip = i == head_ ? offset_ : 0;
      parts[count] = {const_cast<char*>(queue_[i].data()) + skip, queue_[i].size() - skip};
      total += parts[count].iov_len;
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t n =
        ::sendmsg(stream_->socket().native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_writable();
      return fail();
    }
    counters_->writes.add();
    sent(static_cast<std::size_t>(n));
    if (static_cast<std::size_t>(n) < total) return wait_writable();
  }
  settle();
}

void Outbound::flush_tls() {
  if (head_ == queue_.size()) return settle();
  const auto record = std::make_shared<std::string>();
  std::size_t taken = 0;
  for (std::size_t i = head_; i < queue_.size(); ++i) {
    const std::size_t skip = i == head_ ? offset_ : 0;
    const std::size_t part = std::min(queue_[i].size() - skip, kTlsRecord - taken);
    record->append(queue_[i].data() + skip, part);
    taken += part;
    if (taken == kTlsRecord) break;
  }
  sent(taken);
  blocked_ = true;
  counters_->writes.add();
  const auto buffer = asio::buffer(*record);
  asio::async_write(
      *stream_->tls(), buffer,
      [self = shared_from_this(), record](boost::system::error_code error, std::size_t) {
        self->blocked_ = false;
        if (self->failed_) return;
        if (error) return self->fail();
        self->flush();
      });
}

void Outbound::sent(std::size_t bytes) {
  bytes_ -= bytes;
  counters_->bytes_out.add(bytes);
  std::size_t whole = 0;
  while (bytes > 0) {
    const std::size_t rest = queue_[head_].size() - offset_;
    if (bytes < rest) {
      offset_ += bytes;
      break;
    }
    bytes -= rest;
    offset_ = 0;
    queue_[head_++] = Frame();
    ++whole;
  }
  counters_->frames_out.add(whole);
  if (head_ == queue_.size()) {
    queue_.clear();
    head_ = 0;
  } else if (head_ >= 1024) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

void Outbound::wait_writable() {
  blocked_ = true;
  stream_->socket().async_wait(net::Socket::wait_write,
                               [self = shared_from_this()](boost::system::error_code error) {
                                 self->blocked_ = false;
                                 if (self->failed_) return;
                                 // Waking the reading side cancels this wait as well; the write is tried again all the same.
                                 if (error && error != asio::error::operation_aborted)
                                   return self->fail();
                                 self->flush();
                               });
}

void Outbound::fail() {
  failed_ = true;
  queue_.clear();
  queue_.shrink_to_fit();
  head_ = offset_ = bytes_ = 0;
  count();
  settle();
}

void Outbound::settle() {
  if (queue_.empty() && queue_.capacity() > kKept) queue_.shrink_to_fit();
  drained_.ring();
  if (wake_reader_) wake_reader();
}

}  // namespace stoa::realtime
