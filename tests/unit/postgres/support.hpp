#pragma once
// What the tests of the database share: a schema of their own on the server that the test run started,
// and a way to wait for coroutines and for conditions. STOA_TEST_DATABASE_URL names the server; without
// it, or without a server behind it, the tests fail.
#include "../support/eventually.hpp"

#include <stoa/postgres/database.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace stoa::pg::test {

using namespace std::chrono_literals;
using stoa::test::at_any_pace;
using stoa::test::eventually;

// libpq's settings of the test server, from its address.
std::map<std::string, std::string> server_settings();
std::string conninfo(const std::map<std::string, std::string>& settings);

// Made empty, dropped with all that is in it. Everything connected through its url() works in it.
class Schema {
 public:
  Schema();
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  const std::string& name() const { return name_; }
  // With other libpq settings in place of the server's: a proxy's host, say.
  std::string url(std::map<std::string, std::string> overrides = {}) const;
  DatabaseOptions options(std::size_t connections = 2) const;
  void script(const std::string& sql) const;

 private:
  std::string name_;
};

// Where statements of a test are held up: whoever runs pass() waits while the gate is closed. It is an
// advisory lock with a number of its own, since those are shared by all tests on the server.
class Gate {
 public:
  explicit Gate(const Schema& schema);  // closed
  void open();
  static void pass(Tx& tx, std::int64_t number);
  std::int64_t number() const { return number_; }
  // Process ids of the backends that wait.
  std::vector<int> waiting();

 private:
  const std::int64_t number_;
  Database holder_;
};

// An event loop on a thread of its own, with the database's pipelines.
class Loop {
 public:
  explicit Loop(Database& db) : guard_(context_.get_executor()) {
    db.attach(context_);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Loop() {
    context_.stop();
    thread_.join();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  asio::io_context& context() { return context_; }
  template <class T>
  std::future<T> start(Task<T> task) {
    return asio::co_spawn(context_, std::move(task), asio::use_future);
  }
  template <class T>
  T await(Task<T> task) {
    return start(std::move(task)).get();
  }

 private:
  asio::io_context context_;
  asio::executor_work_guard<Executor> guard_;
  std::thread thread_;
};

// Runs the coroutine to its end on a context and thread of its own.
template <class T>
T await(Task<T> task) {
  asio::io_context context;
  auto future = asio::co_spawn(context, std::move(task), asio::use_future);
  context.run();
  return future.get();
}

// The code of the Error that the call throws; Code::internal for none, so that a comparison fails.
template <class F>
Code error_of(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return Code::internal;
}

}  // namespace stoa::pg::test
