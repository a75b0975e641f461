#pragma once
// The coroutine type of the whole server. A Task runs on the executor that awaits it: the shard's
// io_context for connections and services, so code in between needs no locks.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace stoa {

namespace asio = boost::asio;

// The concrete executor, not any_io_executor: no virtual call and no allocation a hop.
using Executor = asio::io_context::executor_type;

template <class T = void>
using Task = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_task{};

}  // namespace stoa
