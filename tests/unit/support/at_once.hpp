#pragma once
// For tasks that a test wants the answer of, where the test itself is no task.
#include <stoa/core/task.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace stoa::test {

// Of a task that waits for nothing; throws std::runtime_error where it does.
template <class T>
T at_once(Task<T> task) {
  asio::io_context context;
  auto future = asio::co_spawn(context, std::move(task), asio::use_future);
  context.poll();
  if (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    throw std::runtime_error("the task waits for something");
  }
  return future.get();
}

}  // namespace stoa::test
