#pragma once
// How much of one kind a log takes in a period, so that a flood of lines becomes their count. Whoever writes the lines says when
// a period is over. Not thread-safe.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace stoa::log {

class Limit {
 public:
  static constexpr std::size_t kKinds =
      1024;  // beyond them lines are of one kind, named by an empty one
  static constexpr std::size_t kReasons = 64;  // of one kind

  struct LeftOut {
    std::string kind;
    std::uint64_t count = 0;
  };

  // `lines` of each kind in a period.
  explicit Limit(std::size_t lines) : lines_(lines) {}

  // Whether one more line is to be written. Where it has a reason, the first line with that is, however many others of its kind
  // there were: what an operator must see is not hidden behind a flood.
  bool admit(std::string_view kind, std::string_view reason = {});

  // Ends a period: what was not admitted in it.
  std::vector<LeftOut> end_period();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Kind {
    std::size_t written = 0;
    std::uint64_t left_out = 0;
    std::unordered_set<std::size_t> reasons = {};  // their hashes
  };

  Kind& find(std::string_view kind);

  std::size_t lines_;
  std::unordered_map<std::string, Kind, Hash, std::equal_to<>> kinds_;
};

}  // namespace stoa::log
