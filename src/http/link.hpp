#pragma once
// The bytes of one client connection: what has come and was not consumed yet, what is written, and the deadline of
// whichever is under way. Between requests it holds no buffer: bytes are read into the shard's scratch once the socket
// has some.
//
// A body, of a request or of an answer, has a deadline of progress: `http.progress_bytes` of it in each
// `http.body_timeout` or `http.write_timeout`. So a large one arrives over a slow line, and one that trickles ends.
//
// While the server does nothing for it, it gives way to later connections (net::ConnectionCount): then it is closed, and
// nothing is received or written any more.
#include "http/shard_connections.hpp"

#include <stoa/core/memory.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/net/stream.hpp>
#include <stoa/net/waiting_bytes.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>

namespace stoa::http {

class Link final : public Watched {
 public:
  enum class Phase { greeting, idle, reading, working, writing, ending };

  Link(std::shared_ptr<ShardConnections> common, net::StreamPtr stream,
       net::ConnectionCount::Seat seat);

  net::Stream& stream() noexcept { return *stream_; }
  net::StreamPtr release() noexcept { return std::move(stream_); }
  net::ConnectionCount::Seat release_seat() noexcept { return std::move(seat_); }

  // `limit`: for all of the phase.
  void enter(Phase phase, std::chrono::milliseconds limit) {
    enter_until(phase, Clock::now() + limit);
  }
  void enter_until(Phase phase, Clock::time_point deadline) noexcept;
  // No deadline: the client waits for us.
  void work() noexcept { enter_until(Phase::working, Clock::time_point::max()); }
  bool idle() const noexcept { return phase_ == Phase::idle; }
  bool timed_out() const noexcept { return timed_out_; }
  // What was too slow is being answered.
  void forgive() noexcept { timed_out_ = false; }

  std::string_view received() const noexcept { return std::string_view(input_).substr(consumed_); }
  void consume(std::size_t bytes);
  void release_buffer() {
    give_back(input_);
    consumed_ = 0;
    count();
  }

  // Whose bytes wait here: all of them, in the shard's net::WaitingBytes.
  void belongs_to(TurnKey who) noexcept { holding_.belongs_to(who); }
  // Whether the present request is of somebody with an account: then it keeps its place until it is answered.
  void set_known(bool known) noexcept { known_ = known; }
  // What is in memory of the present request's body, and of its answer while that is written.
  void keep_body(std::size_t bytes) {
    body_ = bytes;
    count();
  }
  void keep_answer(std::size_t bytes) {
    answer_ = bytes;
    count();
  }
  // Too much waited, and here was most of it: what was under way has ended, and so does the connection with its answer.
  bool is_given_up() const noexcept { return given_up_; }
  // Another connection has got its place: it ends without an answer.
  bool is_displaced() const noexcept { return displaced_; }

  Task<bool> shake_hands(TurnKey who);
  // Appends what the socket has to received(), waiting for it. False: the client has gone, a deadline has passed, or the
  // server is ending.
  Task<bool> receive();
  // The same for a body, whose progress is watched from begin_body() on.
  void begin_body() noexcept;
  Task<bool> receive_body();
  // Reads and keeps nothing; answers how many bytes it were, 0 where receive() answers false. received() must be empty.
  Task<std::size_t> discard();
  // What the socket takes at once; the rest is for write(). Empty: the client has gone.
  std::optional<std::size_t> write_now(std::string_view head, std::string_view content);
  // False: the client has gone, or takes too little.
  Task<bool> write(std::string head, std::string_view content);
  // What ends the connection at once while `answer` lives, which is what it has under way; on any thread.
  std::function<void()> cutter(std::weak_ptr<const void> answer) const;
  Task<> close();  // says goodbye over TLS

  void expire(Clock::time_point now) override;
  void drain() override;

 private:
  bool client_reads();
  void count() { holding_.set(input_.size() + body_ + answer_); }
  void give_up();
  void give_way();
  net::Standing standing() const noexcept;
  bool is_over() const noexcept { return timed_out_ || given_up_ || displaced_; }

  std::shared_ptr<ShardConnections> common_;
  net::StreamPtr stream_;
  net::ConnectionCount::Seat seat_;
  std::string input_;
  std::size_t consumed_ = 0;  // of input_
  Clock::time_point deadline_ = Clock::time_point::max();
  Phase phase_ = Phase::idle;
  bool timed_out_ = false;
  bool given_up_ = false;
  bool displaced_ = false;
  bool known_ = false;
  std::size_t body_ = 0;
  std::size_t answer_ = 0;
  std::chrono::nanoseconds waited_{0};  // for the body's present progress_bytes
  std::size_t gathered_ = 0;            // of them
  std::uint64_t written_ = 0;           // handed to the socket since the connection began
  std::uint64_t taken_ = 0;  // of those, what the client had taken when it was last looked at
  net::Holding holding_;
  std::shared_ptr<Link*> self_ = std::make_shared<Link*>(this);  // for what is posted
};

}  // namespace stoa::http
