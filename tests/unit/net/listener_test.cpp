#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/net/runtime.hpp>

#include <future>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace stoa::net {
namespace {

using Tcp = asio::ip::tcp;

// The system's queue is first come, first served: in it a flood stands before everybody else.
TEST(Listener, TakesUpTogetherWhatHasCome) {
  constexpr int kClients = 20;
  Runtime runtime(1);
  runtime.start();
  Config config;
  config.listener = {{"127.0.0.1", 0, {}, {}}};
  Metrics metrics;
  int accepted = 0;
  std::promise<int> together;
  const auto count = [&](Shard& shard, const Accepted&) {
    if (++accepted == 1) asio::post(shard.context, [&] { together.set_value(accepted); });
  };
  Listener listener(runtime, config, metrics, count, [](bool) { return std::string(); });
  const Tcp::endpoint where(asio::ip::address_v4::loopback(), listener.start().at(0).port);

  std::promise<void> all_have_come;
  asio::post(runtime.shard(0).context, [&] { all_have_come.get_future().wait(); });
  asio::io_context context;
  std::vector<Tcp::socket> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back(context).connect(where);
  all_have_come.set_value();
  EXPECT_EQ(together.get_future().get(), kClients);
  listener.stop();
  runtime.stop();
}

}  // namespace
}  // namespace stoa::net
