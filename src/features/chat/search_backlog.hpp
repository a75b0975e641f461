#pragma once
// Keeps short what the search index has yet to sort. PostgreSQL appends the words of new and edited messages to a list and sorts
// them into the index once the list is full, within the insert that fills it: half a second in which every send would
// wait. A database thread has it done before that.
#include <stoa/postgres/database.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace stoa::chat {

class SearchBacklog {
 public:
  // `most`: bytes of text that may wait to be sorted.
  SearchBacklog(pg::Database& db, std::size_t most);

  // So much text was stored. Waits for nothing and throws nothing. Any thread.
  void add(std::size_t bytes) noexcept;
  // Whether as much as may wait has come since the sorting began that is under way. Any thread.
  bool is_behind() const noexcept;
  // How often the list was sorted; any thread.
  std::uint64_t sorted() const noexcept;

 private:
  class Sorting;
  struct State;

  pg::Database& db_;
  const std::size_t most_;
  std::atomic<std::size_t> waiting_ = 0;
  std::shared_ptr<State> state_;
};

}  // namespace stoa::chat
