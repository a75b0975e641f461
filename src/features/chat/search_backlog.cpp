#include "features/chat/search_backlog.hpp"

#include "features/chat/chat_store.hpp"

#include <stoa/core/log.hpp>

#include <atomic>
#include <exception>
#include <utility>

namespace stoa::chat {

struct SearchBacklog::State {
  std::atomic<bool> is_under_way{false};
  std::atomic<std::uint64_t> sorted{0};
};

class SearchBacklog::Sorting final : public pg::Job {
 public:
  explicit Sorting(std::shared_ptr<State> state) : state_(std::move(state)) {}

  void run(pg::Tx& tx) override { tx.run(store::sort_search()); }
  void succeed() override {
    ++state_->sorted;
    state_->is_under_way = false;
  }
  // It is tried again when as much has come as before: PostgreSQL does it itself meanwhile, where it must.
  void fail(std::exception_ptr why) override {
    try {
      std::rethrow_exception(std::move(why));
    } catch (const std::exception& error) {
      log::warn("search_not_sorted", {{"reason", error.what()}});
    }
    state_->is_under_way = false;
  }

 private:
  std::shared_ptr<State> state_;
};

SearchBacklog::SearchBacklog(pg::Database& db, std::size_t most)
    : db_(db), most_(most), state_(std::make_shared<State>()) {}

void SearchBacklog::add(std::size_t bytes) noexcept {
  const std::size_t waiting = waiting_.fetch_add(bytes) + bytes;
  if (waiting < most_ || state_->is_under_way.exchange(true)) return;
  waiting_ = 0;
  try {
    db_.submit(std::make_shared<Sorting>(state_), pg::Mode::autocommit);
  } catch (const std::exception&) {  // the queue is full, or the database away
    state_->is_under_way = false;
  }
}

bool SearchBacklog::is_behind() const noexcept {
  return waiting_ >= most_ && state_->is_under_way;
}

std::uint64_t SearchBacklog::sorted() const noexcept {
  return state_->sorted;
}

}  // namespace stoa::chat
