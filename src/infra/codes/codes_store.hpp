#pragma once
// SQL of codes and of what was sent.
#include <stoa/codes/codes.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::codes {

// What has gone to a target in the time in which it counts.
struct Sent {
  std::int64_t count = 0;
  bool just_now = false;
  std::int64_t wait = 0;  // seconds, until the first of them counts no more
};
BOOST_DESCRIBE_STRUCT(Sent, (), (count, just_now, wait))

namespace store {

// Until the transaction ends nobody else counts what goes to it, so that the limits are exact.
pg::Query<std::string> lock_target(std::string_view to);
// The times in seconds.
pg::Query<Sent> sent_to(std::string_view to, double window, double min_wait);
pg::Query<pg::Count> note_send(std::string_view to);
// In the place of the live one of its purpose and target. Answers when it expires.
pg::Query<Timestamp> replace(CodeId id, const Purpose& purpose, const Wanted& wanted,
                             std::string_view hash, std::string_view address);
pg::Query<pg::Count> delete_ended(int most);
pg::Query<pg::Count> delete_old_sends(double window, int most);

}  // namespace store
}  // namespace stoa::codes
