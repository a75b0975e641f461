#pragma once
// A call on its way: made on the thread of the coroutine that waits for it, then the engine's until it ends.
#include "infra/fetch/lane.hpp"
#include "infra/fetch/target.hpp"

#include <stoa/core/task.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace stoa::fetch {

using Clock = std::chrono::steady_clock;

struct Call {
  Call(Lane& l, Request r, Target t, Clock::time_point end, std::size_t most)
      : lane(l), request(std::move(r)), target(std::move(t)), ends(end), most_bytes(most) {}

  // The suspended coroutine.
  struct Resumption {
    virtual ~Resumption() = default;
    virtual void resume() = 0;
  };
  // Keeps `handler` for resume(), and its loop from running out of work meanwhile.
  template <class Handler>
  void suspend(Handler handler) {
    resumption = std::make_unique<Held<Handler>>(std::move(handler));
  }
  // The answer, or `why` there is none; once. Any thread.
  void finish(std::exception_ptr why) {
    error = std::move(why);
    std::exchange(resumption, nullptr)->resume();
  }

  Lane& lane;
  Request request;
  Target target;
  const Clock::time_point began = Clock::now();
  const Clock::time_point ends;
  const std::size_t most_bytes;
  Answer answer;
  std::exception_ptr error;
  std::unique_ptr<Resumption> resumption;

 private:
  template <class Handler>
  struct Resumed {
    Handler handler;
    void operator()() {
      asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)();
    }
  };
  template <class Handler>
  struct Held final : Resumption {
    explicit Held(Handler given)
        : handler(std::move(given)), work(asio::get_associated_executor(handler)) {}
    void resume() override {
      asio::post(work.get_executor(), Resumed<Handler>{std::move(handler)});
    }

    Handler handler;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work;
  };
};

}  // namespace stoa::fetch
