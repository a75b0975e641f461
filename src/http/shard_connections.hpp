#pragma once
// What the connections of one shard share: their list, the watch over their deadlines, the buffers that
// are used for one read or one answer at a time. Used on its shard only, but for the counts.
#include "http/access_log.hpp"
#include "http/client.hpp"
#include "http/dispatch.hpp"
#include "http/framing.hpp"

#include <stoa/core/config.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/net/runtime.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/intrusive/list.hpp>

namespace stoa::http {

using Clock = std::chrono::steady_clock;

// A connection as its shard's list sees it.
class Watched : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched() = default;
  // Ends what has taken too long.
  virtual void expire(Clock::time_point now) = 0;
  // Ends it if it is idle.
  virtual void drain() = 0;
};

// Read by the metrics on any thread.
struct ConnectionCounts {
  std::atomic<std::size_t> open{0}, in_flight{0};
};

class ShardConnections : public std::enable_shared_from_this<ShardConnections> {
 public:
  ShardConnections(net::Shard& shard, std::shared_ptr<const Dispatcher> dispatcher,
                   const Config& config);

  void start();  // the watch over deadlines
  void welcome(net::Accepted accepted);
  // Closes idle connections; the others close after their answer.
  void drain();
  void cancel();
  Task<> wait() { return connections_.wait(); }  // until no connection is left

  std::shared_ptr<const ConnectionCounts> counts() const noexcept { return counts_; }

 private:
  friend class Connection;
  friend class Link;
  using List = boost::intrusive::list<Watched, boost::intrusive::constant_time_size<false>>;

  static Task<> watch(std::shared_ptr<ShardConnections> self);
  std::string_view date();

  net::Shard& shard_;
  std::shared_ptr<const Dispatcher> dispatcher_;
  const config::Http& options_;
  HeadLimits limits_;
  net::TaskGroup connections_, keepers_;
  List list_;
  RequestIds ids_;
  std::shared_ptr<AccessLog> log_;
  bool draining_ = false;
  std::vector<char> scratch_;  // of one read
  std::string out_;            // of one answer's head, and its body where that is short
  std::string date_;
  std::chrono::seconds date_second_{0};
  std::shared_ptr<ConnectionCounts> counts_ = std::make_shared<ConnectionCounts>();
};

}  // namespace stoa::http
