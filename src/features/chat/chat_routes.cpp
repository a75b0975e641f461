// What chat serves over REST: the twins of its events, for bots and scripts.
#include "features/chat/chat_types.hpp"

#include <stoa/chat/chat.hpp>

namespace stoa::chat {

// clang-format off
http::Routes chat_routes(Chat& chat) {
  using enum http::Method;
  using http::endpoint;
  constexpr auto user = Who::signed_in;
  return {
      {get,  "/api/messages/room/{roomId}",      user, Limit::read,  "Messages of a room, newest first", endpoint<&Chat::history>(chat)},
      {post, "/api/messages/room/{roomId}",      user, Limit::write, "Say something in a room",          endpoint<&Chat::post, 201>(chat)},
      {post, "/api/messages/room/{roomId}/read", user, Limit::write, "Say up to where one has read",     endpoint<&Chat::mark_read>(chat)},
      {get,  "/api/messages/search",             user, Limit::read,  "Find messages in one's rooms",     endpoint<&Chat::search>(chat)},
  };
}
// clang-format on

}  // namespace stoa::chat
