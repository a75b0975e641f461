#pragma once
// What the audit log has of the command line. Plain described values.
#include <stoa/audit/audit.hpp>
#include <stoa/core/time.hpp>

#include <string>

namespace stoa::app {

inline constexpr audit::Action kRetryJob{"jobs.retry"};
inline constexpr audit::Action kDropJob{"jobs.drop"};

// Neither its payload nor what its handler said last, which may hold anything.
struct JobState {
  std::string kind;
  std::string state;
  int attempts = 0;
  Timestamp due_at;
};
BOOST_DESCRIBE_STRUCT(JobState, (), (kind, state, attempts, due_at))

}  // namespace stoa::app
