#pragma once
// How tests wait: for a condition, never for a time. A test goes on as soon as its condition holds, however
// long the machine takes, so no wait has a limit of its own: kPatience only ends one whose condition never
// comes, well before ctest gives the test up.
#include <chrono>
#include <thread>

namespace stoa::test {

inline constexpr std::chrono::seconds kPatience{60};

// Polls until it holds; false when it never does.
template <class Condition>
[[nodiscard]] bool eventually(Condition&& holds) {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// For what a test must do before some time is over (a token's life, a heartbeat): runs `attempt` with that
// time, and where it says that the machine was too slow for it, again with twice the time. What is wrong
// rather than slow never succeeds.
template <class Attempt>
[[nodiscard]] bool at_any_pace(std::chrono::milliseconds time, Attempt&& attempt) {
  for (; time < kPatience; time *= 2) {
    if (attempt(time)) return true;
  }
  return false;
}

}  // namespace stoa::test
