#pragma once
// What was wrong with the fields of a request, said all at once. Not shared between threads.
#include <stoa/core/json_view.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

// Collects every bad field with its path; nothing is thrown until all have been seen.
class Issues {
 public:
  Issues();
  ~Issues();
  Issues(const Issues&) = delete;
  Issues& operator=(const Issues&) = delete;

  // `expected` and `received` are JSON type names; message is for people.
  void invalid_type(std::string_view expected, JsonView received);
  void required(std::string_view expected);
  void not_one_of(std::span<const std::string_view> options);
  void too_many(std::size_t most);  // items of an array
  // code: too_small, too_big, invalid_string, invalid_enum_value, ...; extra members join the entry.
  void add(std::string_view code, std::string message);
  void add(std::string_view code, std::string message, const Json& extra);

  bool empty() const noexcept { return list_ == nullptr; }
  std::size_t size() const noexcept;
  const Json& list() const noexcept { return *list_; }  // an array, where there are any
  // Error{invalid_fields} with details.validationErrors.
  [[noreturn]] void raise() const;

  // `member` must live until leave().
  void enter(std::string_view member) { push({member, 0}); }
  void enter(std::size_t index) { push({{}, index}); }
  void leave() {
    if (depth_-- > kFew) deeper_.pop_back();
  }

  // Query and path parameters arrive as text: numbers and booleans are read from it.
  bool from_text = false;
  // Added to what is said of a member that is required and not there. Lives as long as this.
  std::string_view of_missing;

 private:
  static constexpr std::size_t kMost =
      100;  // a hostile body does not get an answer larger than itself
  struct Step {
    std::string_view member;  // empty: the index says where
    std::size_t index;
  };
  static constexpr std::size_t kFew = 4;

  void push(Step step) {
    if (depth_ < kFew) {
      path_[depth_] = step;
    } else {
      deeper_.push_back(step);
    }
    ++depth_;
  }

  // Where the reader is: its first steps, without memory of their own, and those beyond.
  std::array<Step, kFew> path_;
  std::vector<Step> deeper_;
  std::size_t depth_ = 0;
  std::unique_ptr<Json> list_;  // an array, from the first issue on
};

}  // namespace stoa
