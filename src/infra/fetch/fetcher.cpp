#include "infra/fetch/engine.hpp"

#include <stoa/fetch/fetcher.hpp>

#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>

namespace stoa::fetch {
namespace {

// By value: the client may be gone by then.
Task<Answer> make(Engine* engine, Lane* lane, Request request) {
  const auto call = engine->make_call(*lane, std::move(request));
  engine->reserve(*lane);
  auto begin = [engine, call](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([engine, call](asio::cancellation_type) { engine->cancel(call); });
    }
    call->suspend(std::move(handler));
    engine->submit(call);
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(begin, use_task);
  if (call->error) std::rethrow_exception(call->error);
  co_return std::move(call->answer);
}

}  // namespace

Task<Answer> Client::send(Request request) const {
  return make(engine_, lane_, std::move(request));
}

Fetcher::Fetcher(const config::Fetch& config, Metrics& metrics)
    : engine_(std::make_unique<Engine>(config, metrics)) {}

Fetcher::~Fetcher() = default;

Client Fetcher::client(Purpose purpose) {
  return {*engine_, engine_->add(purpose)};
}

void Fetcher::start() {
  engine_->start();
}

void Fetcher::stop() {
  engine_->stop();
}

}  // namespace stoa::fetch
