#pragma once
// Says what has become of a thing that may change often: at once, but the next time of the same thing not before an interval
// has passed, so that a thousand changes make a few sayings and not a thousand. What was said last is always about the
// present:
//
//   net::Paced<RoomId> counts(runtime, "room_stats", 250ms, [this](RoomId room) { return tell_count(room); });
//   counts.changed(room);
//
// changed() may be called from any thread, also under locks: it only posts. Each thing's sayings are done on one shard, one after
// another. A saying that fails is logged; what changed meanwhile is said all the same. Outlives the runtime's work.
#include <stoa/core/config_types.hpp>
#include <stoa/core/task.hpp>
#include <stoa/net/runtime.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace stoa::net {

template <class Key>
class Paced {
 public:
  using Say = std::function<Task<>(Key)>;

  // `name`, a constant, is the task's.
  Paced(Runtime& runtime, const char* name, Duration interval, Say say)
      : runtime_(runtime),
        name_(name),
        interval_(interval),
        say_(std::move(say)),
        shards_(runtime.size()) {}

  void changed(Key key) {
    const std::size_t shard = std::hash<Key>{}(key) % shards_.size();
    asio::post(runtime_.shard(shard).context, [this, shard, key] { note(shard, key); });
  }

 private:
  struct Pending {
    bool again = false;  // changed once more while it was being said
  };
  using Things = std::unordered_map<Key, Pending>;

  void note(std::size_t shard, Key key) {
    const auto [place, is_new] = shards_[shard].try_emplace(key);
    if (is_new) {
      runtime_.shard(shard).tasks.spawn(name_, say(shard, key));
    } else {
      place->second.again = true;
    }
  }

  Task<> say(std::size_t shard, Key key) {
    Things& things = shards_[shard];
    // However this ends, the next change begins anew.
    struct Forget {
      Things& things;
      Key key;
      ~Forget() { things.erase(key); }
    } forget{things, key};

    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>
        pause(runtime_.shard(shard).context.get_executor());
    std::exception_ptr failure;
    do {
      things[key].again = false;
      try {
        co_await say_(key);
      } catch (...) {
        failure = std::current_exception();
      }
      pause.expires_after(interval_);
      co_await pause.async_wait(use_task);
    } while (things[key].again);
    if (failure) std::rethrow_exception(failure);  // to be logged
  }

  Runtime& runtime_;
  const char* const name_;
  const Duration interval_;
  const Say say_;
  std::vector<Things> shards_;  // [shard]: touched there only
};

}  // namespace stoa::net
