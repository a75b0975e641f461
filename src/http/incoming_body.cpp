#include "http/incoming_body.hpp"

#include "http/problem.hpp"

#include <algorithm>
#include <utility>

namespace stoa::http {

IncomingBody::IncomingBody(Link& link, const Head& head, std::size_t most_line) : link_(link) {
  if (head.chunked) {
    chunks_.emplace(most_line);
  } else {
    left_ = head.content_length.value_or(0);
    length_ = left_;
  }
  waits_to_be_invited_ = head.expects_continue && !at_end();
}

void IncomingBody::fail(Error error) {
  failed_ = true;
  throw error;
}

void IncomingBody::fail_to_receive() {
  if (link_.is_given_up()) fail(Error(Code::overloaded, "Too much waits on the server"));
  if (link_.timed_out()) fail(Error(Code::request_timeout, "The body came too slowly"));
  gone_ = true;
  fail(Error(Code::invalid_request, "The client went away"));
}

std::optional<std::uint64_t> IncomingBody::to_skip(std::uint64_t most) const noexcept {
  if (failed_) return std::nullopt;
  if (at_end()) return held_;
  // A client that was not invited may keep its body and send the next request instead.
  if (chunks_ || waits_to_be_invited_ || left_ + held_ > most) return std::nullopt;
  return left_ + held_;
}

Task<bool> IncomingBody::skip(std::uint64_t bytes) {
  const auto here =
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes, link_.received().size()));
  link_.consume(here);
  bytes -= here;
  link_.begin_body();
  while (bytes > 0) {
    const bool more = co_await link_.receive_body();
    if (!more) co_return false;
    const auto came =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, link_.received().size()));
    link_.consume(came);
    bytes -= came;
  }
  co_return true;
}

bool IncomingBody::take(std::string& out) {
  const auto here = link_.received();
  if (chunks_ || left_ > most_ || here.size() < left_) return false;
  const auto size = static_cast<std::size_t>(std::exchange(left_, 0));
  out.assign(here, 0, size);
  link_.keep_body(out.size());
  link_.consume(size);
  return true;
}

Task<> IncomingBody::read(std::string& out) {
  for (;;) {
    const auto piece = co_await next();
    if (piece.empty()) co_return;
    out.append(piece);
    link_.keep_body(out.capacity());
  }
}

// Takes the next piece out of what has come. False: more must come. An empty piece is the end.
bool IncomingBody::find_piece(std::string_view& piece) {
  for (;;) {
    piece = {};
    if (at_end()) return true;
    const auto here = link_.received();
    if (!chunks_) {
      held_ = static_cast<std::size_t>(std::min<std::uint64_t>(left_, here.size()));
      left_ -= held_;
      piece = here.substr(0, held_);
      return held_ > 0;
    }
    const auto step = chunks_->next(here);
    if (step.refusal) fail(Error(step.refusal->code, step.refusal->reason));
    if (!step.data.empty()) {
      held_ = step.used;
      piece = step.data;
      return true;
    }
    if (step.used == 0) return false;
    link_.consume(step.used);
  }
}

Task<std::string_view> IncomingBody::next() {
  if (failed_) throw Error(Code::invalid_request, "The body could not be read");
  if (left_ > most_) fail(too_large(most_));
  link_.consume(std::exchange(held_, 0));
  if (!std::exchange(begun_, true)) link_.begin_body();
  std::string_view piece;
  while (!find_piece(piece)) {
    // RFC 9110 section 10.1.1: the client waits for a sign before it sends the body.
    if (std::exchange(waits_to_be_invited_, false) && link_.received().empty()) {
      std::string invitation = "HTTP/1.1 100 Continue\r\n\r\n";
      const bool invited = co_await link_.write(std::move(invitation), {});
      if (!invited) fail_to_receive();
    }
    const bool more = co_await link_.receive_body();
    if (!more) fail_to_receive();
    was_waited_for_ = true;
  }
  waits_to_be_invited_ = false;
  if (piece.empty() && was_waited_for_ && at_its_end_) {
    const auto ask = std::exchange(at_its_end_, nullptr);
    co_await ask();
  }
  count_ += piece.size();
  if (count_ > most_) fail(too_large(most_));
  co_return piece;
}

}  // namespace stoa::http
