#include "realtime/wire/engineio/poll_request.hpp"

#include <stoa/core/query_parameters.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

namespace stoa::realtime::engineio {
namespace {

// What a session's request is answered on the session's shard. `from`: the shard that it came to.
Task<PollAnswer> answer_at_home(ShardSessions* home, std::uint32_t from, std::string sid,
                                PollRequest::Method method, std::string body, bool octets) {
  const auto session = home->find(sid);
  if (!session && method == PollRequest::Method::get &&
      home->farewells.take(sid, from, Clock::now())) {
    co_return noop();
  }
  if (!session) co_return refuse(Problem::unknown_sid);
  if (method == PollRequest::Method::get) {
    auto answer = co_await session->poll();
    co_return answer;
  }
  if (method == PollRequest::Method::post) {
    auto answer = co_await session->post(std::move(body), octets);
    if (session->left_unpolled()) home->farewells.add(std::move(sid), from, Clock::now());
    co_return answer;
  }
  co_return refuse(Problem::bad_request);
}

// What another shard replies, once it has; lives on the shard that asked.
template <class T>
struct Reply {
  std::optional<T> value;
  Doorbell bell;
};

Task<> answer_and_post(ShardSessions* home, std::uint32_t from, std::string sid,
                       PollRequest::Method method, std::string body, bool octets, Executor back,
                       std::shared_ptr<Reply<PollAnswer>> reply) {
  auto answer =
      co_await answer_at_home(home, from, std::move(sid), method, std::move(body), octets);
  asio::post(back, [reply, answer = std::move(answer)]() mutable {
    reply->value = std::move(answer);
    reply->bell.ring();
  });
}

// Whether a payload may come to a session, on the session's shard.
enum class Payload { unknown, unwanted, begun };

Payload begin_at_home(const ShardSessions& home, const std::string& sid) {
  const auto session = home.find(sid);
  if (!session) return Payload::unknown;
  return session->begin_post() ? Payload::begun : Payload::unwanted;
}

Task<Payload> begin_post(ShardSessions* here, ShardSessions* home, std::string sid) {
  if (home == here) co_return begin_at_home(*home, sid);
  const auto reply = std::make_shared<Reply<Payload>>();
  const Executor back = here->local.shard().context.get_executor();
  asio::post(home->local.shard().context, [home, sid = std::move(sid), back, reply] {
    asio::post(back, [reply, answer = begin_at_home(*home, sid)] {
      reply->value = answer;
      reply->bell.ring();
    });
  });
  while (!reply->value) co_await reply->bell.wait(back);
  co_return *reply->value;
}

void end_at_home(const ShardSessions& home, const std::string& sid) {
  if (const auto session = home.find(sid)) session->end_post();
}

Task<> end_post(ShardSessions* here, ShardSessions* home, std::string sid) {
  if (home == here) {
    end_at_home(*home, sid);
    co_return;
  }
  const auto reply = std::make_shared<Reply<bool>>();
  const Executor back = here->local.shard().context.get_executor();
  asio::post(home->local.shard().context, [home, sid = std::move(sid), back, reply] {
    end_at_home(*home, sid);
    asio::post(back, [reply] {
      reply->value = true;
      reply->bell.ring();
    });
  });
  while (!reply->value) co_await reply->bell.wait(back);
}

// Reads the body of a payload that has begun. Where it does not come the session goes on without it, and knows that before the client
// is told so, which may send the next one over another connection at once.
Task<std::string> read_payload(ShardSessions* here, ShardSessions* home, const std::string* sid,
                               PollRequest* request) {
  struct Begun {
    ShardSessions* home;
    std::string sid;
    ~Begun() {
      if (sid.empty()) return;
      asio::post(home->local.shard().context,
                 [home = home, sid = std::move(sid)] { end_at_home(*home, sid); });
    }
  } begun{home, *sid};  // for who is cancelled
  std::exception_ptr failure;
  std::string body;
  try {
    body = co_await request->read_body();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) co_await end_post(here, home, *sid);
  begun.sid.clear();  // else Session::post() ends it
  if (failure) std::rethrow_exception(failure);
  co_return body;
}

// Says so to the session when the client of its poll goes.
void watch_disconnect(const PollRequest& request, ShardSessions& home, const std::string& sid) {
  if (request.method != PollRequest::Method::get || !request.on_disconnect) return;
  request.on_disconnect([&home, sid] {
    asio::post(home.local.shard().context, [&home, sid] {
      if (const auto session = home.find(sid)) session->departed();
    });
  });
}

}  // namespace

Task<PollAnswer> answer_from_home(ShardSessions* here, ShardSessions* home, PollRequest request) {
  std::string sid(query_value(request.query, "sid"));
  watch_disconnect(request, *home, sid);
  const bool octets = request.content_type == "application/octet-stream";
  std::string body;
  if (request.method == PollRequest::Method::post) {
    // Nobody's body is not read, nor one beside another.
    const Payload payload = co_await begin_post(here, home, sid);
    if (payload == Payload::unknown) co_return refuse(Problem::unknown_sid);
    if (payload == Payload::unwanted) co_return refuse(Problem::bad_request);
    body = co_await read_payload(here, home, &sid, &request);
  }
  const std::uint32_t from = here->local.shard().index;
  if (home == here) {
    auto answer = co_await answer_at_home(home, from, std::move(sid), request.method,
                                          std::move(body), octets);
    co_return answer;
  }
  const auto reply = std::make_shared<Reply<PollAnswer>>();
  const Executor back = here->local.shard().context.get_executor();
  asio::post(home->local.shard().context, [home, from, sid = std::move(sid),
                                           method = request.method, body = std::move(body), octets,
                                           back, reply]() mutable {
    home->local.shard().tasks.spawn(
        "engine.io request",
        answer_and_post(home, from, std::move(sid), method, std::move(body), octets, back, reply));
  });
  while (!reply->value) co_await reply->bell.wait(back);
  co_return std::move(*reply->value);
}

}  // namespace stoa::realtime::engineio
