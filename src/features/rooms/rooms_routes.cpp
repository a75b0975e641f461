// What rooms serve over REST.
#include "features/rooms/rooms_types.hpp"

#include <stoa/rooms/rooms.hpp>

namespace stoa::rooms {

// clang-format off
http::Routes rooms_routes(Rooms& rooms) {
  using enum http::Method;
  using http::endpoint;
  constexpr auto anyone = Who::anyone, user = Who::signed_in;
  constexpr auto read = Limit::read, write = Limit::write;
  return {
      {get,  "/api/rooms",                        anyone, read,  "Rooms one may see",                            endpoint<&Rooms::list>(rooms)},
      {post, "/api/rooms",                        user,   write, "Open a room",                                  endpoint<&Rooms::create, 201>(rooms)},
      {post, "/api/rooms/join-by-code",           user,   write, "Join the room of an invite",                   endpoint<&Rooms::join_by_code>(rooms)},
      {get,  "/api/rooms/{id}",                   anyone, read,  "One room",                                     endpoint<&Rooms::get>(rooms)},
      {put,  "/api/rooms/{id}",                   user,   write, "Change a room (owner)",                        endpoint<&Rooms::update>(rooms)},
      {del,  "/api/rooms/{id}",                   user,   write, "Close a room (owner)",                         endpoint<&Rooms::close>(rooms)},
      {post, "/api/rooms/{id}/logo",              user,   write, "Give a room a logo (owner), as a form (multipart/form-data) whose file it is", endpoint<&Rooms::set_logo>(rooms), http::RouteKind::api, rooms.most_logo_form()},
      {del,  "/api/rooms/{id}/logo",              user,   write, "Take a room's logo away (owner)",              endpoint<&Rooms::remove_logo>(rooms)},
      {get,  "/api/logos/{id}",                   anyone, Limit::avatars, "A room's logo",                                endpoint<&Rooms::show_logo>(rooms)},
      {post, "/api/rooms/{id}/join",              user,   write, "Join a room",                                  endpoint<&Rooms::join>(rooms)},
      {post, "/api/rooms/{id}/leave",             user,   write, "Leave a room",                                 endpoint<&Rooms::leave>(rooms)},
      {get,  "/api/rooms/{id}/members",           user,   read,  "Members with role and presence",               endpoint<&Rooms::list_members>(rooms)},
      {put,  "/api/rooms/{id}/members/{userId}",  user,   write, "Change a role (owner); mute, or unmute by mutedUntil: null or mutedMinutes: 0 (moderators)", endpoint<&Rooms::update_member>(rooms)},
      {del,  "/api/rooms/{id}/members/{userId}",  user,   write, "Kick a member (moderators)",                   endpoint<&Rooms::kick>(rooms)},
      {post, "/api/rooms/{id}/invites",           user,   write, "Make an invite (moderators)",                  endpoint<&Rooms::create_invite, 201>(rooms)},
      {get,  "/api/rooms/{id}/invites",           user,   read,  "Invites of a room (moderators)",               endpoint<&Rooms::list_invites>(rooms)},
      {del,  "/api/rooms/{id}/invites/{inviteId}", user,  write, "Take an invite back (moderators)",             endpoint<&Rooms::delete_invite>(rooms)},
      {post, "/api/rooms/{id}/bans",              user,   write, "Ban a person (moderators)",                    endpoint<&Rooms::ban, 201>(rooms)},
      {get,  "/api/rooms/{id}/bans",              user,   read,  "Banned people (moderators)",                   endpoint<&Rooms::list_bans>(rooms)},
      {del,  "/api/rooms/{id}/bans/{userId}",     user,   write, "Lift a ban (moderators)",                      endpoint<&Rooms::unban>(rooms)},
      {get,  "/api/rooms/{id}/mutes",             user,   read,  "Muted people, also who has left (moderators)", endpoint<&Rooms::list_mutes>(rooms)},
      {del,  "/api/rooms/{id}/mutes/{userId}",    user,   write, "Lift a mute (moderators)",                     endpoint<&Rooms::unmute>(rooms)},
  };
}
// clang-format on

}  // namespace stoa::rooms
