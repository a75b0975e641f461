#pragma once
// How long to wait before the next attempt to connect: doubles, with a random part so that those who wait do
// not knock together.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace stoa::pg {

class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{50};
  static constexpr std::chrono::milliseconds kLongest{1000};

  std::chrono::milliseconds next() {
    auto wait = std::uniform_int_distribution<std::int64_t>(next_.count() / 2, next_.count());
    next_ = std::min(next_ * 2, kLongest);
    return std::chrono::milliseconds(wait(random_));
  }
  void reset() { next_ = kFirst; }

 private:
  std::chrono::milliseconds next_ = kFirst;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace stoa::pg
