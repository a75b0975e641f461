#include <stoa/core/query_parameters.hpp>
#include <stoa/socketio/socketio_door.hpp>

#include <utility>

namespace stoa::socketio {
namespace {

std::string field(const http::Request& request, std::string_view name) {
  return std::string(request.headers.find(name).value_or(std::string_view()));
}

Task<std::string> read_all(http::Bytes body) {
  std::string all;
  for (;;) {
    const auto piece = co_await body.next();
    if (piece.empty()) co_return all;
    all.append(piece);
    body.keeps(all.capacity());
  }
}

realtime::PollRequest::Method method_of(http::Method method) {
  using Method = realtime::PollRequest::Method;
  if (method == http::Method::get) return Method::get;
  return method == http::Method::post ? Method::post : Method::other;
}

}  // namespace

PollingDoor::PollingDoor(std::string path, std::size_t max_payload, Serve serve,
                         std::span<const http::Asset> client)
    : path_(std::move(path)), max_payload_(max_payload), serve_(std::move(serve)) {
  file_paths_.reserve(client.size());
  for (const http::Asset& file : client) {
    file_paths_.push_back(path_ + std::string(file.path));
    files_.push_back({file_paths_.back(), file.content, true});
  }
}

http::Routes PollingDoor::routes() {
  using enum http::Method;
  http::Routes rows;
  // All of them, since the protocol has an answer of its own to the wrong ones.
  for (const auto method : {get, post, put, patch, del}) {
    rows.push_back({method, path_, Who::anyone, Limit::handshake,
                    "Engine.IO over HTTP long-polling", http::endpoint<&PollingDoor::answer>(*this),
                    http::RouteKind::sockets, max_payload_});
  }
  return rows;
}

Task<http::Response> PollingDoor::answer(const http::Request* request, http::Bytes body) {
  realtime::PollRequest poll;
  poll.method = method_of(request->method);
  poll.query = query_parameters(request->query);
  poll.read_body = [body] { return read_all(body); };
  poll.content_type = field(*request, "content-type");
  poll.origin = field(*request, "origin");
  poll.host = field(*request, "host");
  poll.authorization = field(*request, "authorization");
  poll.client = request->client;
  if (request->disconnect != nullptr) {
    poll.on_disconnect = [disconnect = request->disconnect](std::function<void()> then) {
      disconnect->watch(std::move(then));
    };
  }
  realtime::PollAnswer answer = co_await serve_(std::move(poll));
  http::Response response = http::Response::text(answer.status, std::move(answer.body));
  response.headers.set("content-type", answer.content_type);
  response.headers.set("cache-control", "no-store");
  if (answer.retry_after) {
    response.headers.set("retry-after", std::to_string(answer.retry_after->count()));
  }
  co_return response;
}

}  // namespace stoa::socketio
