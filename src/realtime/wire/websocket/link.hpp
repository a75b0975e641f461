#pragma once
// A connection's coroutine over WebSocket: reads frames into the session, answers pings, and closes. One
// for each connection, owned by the shard's TaskGroup; reads into the shard's scratch space, so that an
// idle connection keeps no buffer.
#include "realtime/connection.hpp"
#include "realtime/wire/websocket/frame_reader.hpp"

#include <stoa/core/task.hpp>

#include <memory>
#include <string>

namespace stoa::realtime::websocket {

// `early` is what the client sent behind its handshake. The acceptance is in `out` already.
Task<> run_link(std::shared_ptr<GatewayState> gateway, std::shared_ptr<Connection> connection,
                std::shared_ptr<const Decoder> decoder, std::shared_ptr<Outbound> out,
                std::string early);

}  // namespace stoa::realtime::websocket
