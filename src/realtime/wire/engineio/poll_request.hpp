#pragma once
// A polling request of a session that is there: it comes to any shard and is answered on the session's, which its id names.
#include "realtime/wire/engineio/session.hpp"

#include <stoa/core/task.hpp>
#include <stoa/realtime/polling.hpp>

namespace stoa::realtime::engineio {

// `here`: of the shard that it has come to; `home`: of the session's, which may be gone from there by now. Both outlive it.
Task<PollAnswer> answer_from_home(ShardSessions* here, ShardSessions* home, PollRequest request);

}  // namespace stoa::realtime::engineio
