#pragma once
// Keeps short what the search index has yet to sort. PostgreSQL appends the words of new and edited messages to a list and sorts
// them into the index once the list is full, within the insert that fills it: half a second in which every send would
// wait. A database thread has it done before that.
#include <stoa/postgres/database.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace stoa::chat {

// Longer texts, each with hundreds of words, wait while the sorting is behind.
inline constexpr std::size_t kLongText = 1024;

// What a text counts in a batch beyond its bytes: of a long one it is the words that take time. The longest is a batch by
// itself with the default of chat.batch_bytes.
inline std::size_t surcharge_of(std::string_view text) noexcept {
  return text.size() > kLongText ? 15 * (text.size() - kLongText) : 0;
}

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
