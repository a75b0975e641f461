#pragma once
// One connection in libpq's pipeline mode and what is under way on it. Each statement is followed by a sync of its own:
// it is a transaction of its own, and its failure skips nothing of those behind it. Belongs to a Pipeline, whose
// lock is held in every call.
#include "infra/postgres/libpq.hpp"
#include "infra/postgres/statement_call.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace stoa::pg {

// What the server said of one statement.
struct ServerAnswer {
  StatementCallPtr call;
  PgResult result;  // rows, or an error
  bool was_prepared = false;
};

class PipelineConnection {
 public:
  using Clock = StatementCall::Clock;
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
  // More different statements than this go unprepared.
  static constexpr std::size_t kMaxPrepared = 256;

  // Connected, not blocking, in pipeline mode.
  PipelineConnection(asio::io_context& context, PgConn connection);
  ~PipelineConnection();
  PipelineConnection(const PipelineConnection&) = delete;
  PipelineConnection& operator=(const PipelineConnection&) = delete;

  // The call is under way then, even where libpq refuses it: false means that the connection is broken.
  bool send(StatementCallPtr call, Clock::time_point now);
  // Takes what has arrived. False: the connection is over, and why() says why.
  bool receive(std::vector<ServerAnswer>& answers, Clock::time_point now);
  // Sends what libpq still holds. False: the connection is broken.
  bool flush();
  bool wants_to_write() const noexcept { return unflushed_; }
  // The server no longer knows it, or has another plan for it.
  void forget(const Sql& sql);

  // While nothing is under way: the server has closed the connection or said something unasked.
  bool disturbed() const noexcept;
  std::size_t under_way() const noexcept { return sent_.size(); }
  // Since when the server owes the first answer.
  Clock::time_point first_since() const noexcept { return first_since_; }
  const std::string& why() const noexcept { return why_; }
  Descriptor& descriptor() noexcept { return descriptor_; }

  // In the order of sending.
  template <class F>
  void each_call(F&& use) {
    for (auto& sent : sent_) use(sent.call);
  }
  std::vector<StatementCallPtr> take_calls();

 private:
  struct Sent {
    StatementCallPtr call;
    std::string preparing;  // the name that it gets, if its preparation goes before it
    bool was_prepared = false;
    int ends = 1;  // of results: what libpq marks by an empty one
    PgResult result;
  };

  bool submit(Sent& sent);
  bool take_results(std::vector<ServerAnswer>& answers, Clock::time_point now);
  bool take(Sent& first, PgResult result);
  bool broken(std::string why);

  PgConn connection_;
  Descriptor descriptor_;
  std::deque<Sent> sent_;
  Clock::time_point first_since_{};
  bool unflushed_ = false;
  std::string why_;

  // By the address of their text, which is never freed.
  std::unordered_map<const char*, std::string> prepared_;  // to names
  std::unordered_set<const char*> preparing_;
  std::uint64_t names_ = 0;
};

}  // namespace stoa::pg
