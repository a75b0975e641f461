#include "features/rooms/rooms_rules.hpp"

#include "features/rooms/rooms_audit.hpp"
#include "features/rooms/rooms_logos.hpp"

#include <stoa/files/keeping.hpp>
#include <stoa/rooms/rooms_codes.hpp>
#include <stoa/rooms/who_may.hpp>

#include <array>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <openssl/rand.h>

namespace stoa::rooms {
namespace {

store::MemberRow require_role(RoomType type, std::optional<store::MemberRow> member,
                              RoomRole lowest) {
  auto found = require_found(std::move(member), outside(type));
  require_rank(found.role, lowest);
  return found;
}

}  // namespace

store::MemberRow require_role(pg::Tx& tx, const RoomView& room, UserId user, RoomRole lowest) {
  return require_role(room.room_type, tx.run(store::find_member(room.id, user)), lowest);
}

store::MemberRow require_role(std::optional<store::Standing> standing, RoomRole lowest) {
  store::Standing found = require_found(std::move(standing));
  std::optional<store::MemberRow> member;
  if (found.role) {
    member = store::MemberRow{*found.role, std::move(*found.full_name), found.muted_until};
  }
  return require_role(found.room_type, std::move(member), lowest);
}

void apply(const UpdateRoom& request, RoomView& room) {
  if (request.name) room.name = request.name->value;
  if (request.description.present) {
    room.description.reset();
    if (request.description.value) room.description = request.description.value->value;
  }
  if (request.subject_id.present) room.subject_id = request.subject_id.value;
  if (request.room_type) room.room_type = *request.room_type;
  if (request.logo_url.present) {
    room.logo_url.reset();
    if (request.logo_url.value) room.logo_url = request.logo_url.value->value;
  }
  if (request.max_participants) {
    room.max_participants = *request.max_participants;
    if (room.max_participants < room.member_count) {
      throw Error(Code::conflict,
                  "The room has " + std::to_string(room.member_count) + " members already");
    }
  }
}

void drop_logo(pg::Tx& tx, const RoomView& room) {
  constexpr std::size_t kUuid = 36;  // characters
  std::optional<Uuid> shown;
  if (room.logo_url) {
    // Whatever stands before and behind it: the server had another name, or a client asks for a size.
    const std::string_view url = *room.logo_url;
    const auto at = url.find(kLogoPath);
    if (at != url.npos) shown = Uuid::parse(url.substr(at + kLogoPath.size(), kUuid));
  }
  tx.run(files::drop_others(room.id, kLogoFile, shown));
}

Joined join_room(pg::Tx& tx, RoomId id, UserId user, const std::optional<std::string>& code,
                 std::size_t most_memberships) {
  std::optional<RoomView> room;
  try {
    room = tx.run(store::lock_room(id));
  } catch (const Error&) {
    // A guessed code gets the same answer whether or not there is a room behind the id.
    throw Error(code ? kInviteInvalid : Code::not_found);
  }
  if (tx.run(store::find_member(id, user))) {
    return {{std::move(*room), tx.run(store::list_participants(id))}, false};
  }
  if (room->room_type == RoomType::private_) {
    if (!code) throw Error(Code::not_found);
    if (tx.run(store::use_invite(id, *code)).value == 0) throw Error(kInviteInvalid);
  }
  if (tx.run(store::is_banned(id, user))) throw Error(kBanned);
  if (room->member_count >= room->max_participants) {
    throw Error(kRoomFull, "The room already has " + std::to_string(room->member_count) + " of " +
                               std::to_string(room->max_participants) + " participants");
  }
  // Joins that come at once may be a few more.
  if (static_cast<std::size_t>(tx.run(store::count_memberships(user))) >= most_memberships) {
    throw Error(Code::conflict, "You are in " + std::to_string(most_memberships) +
                                    " rooms already; leave one first");
  }
  store::insert_member(tx, id, user, RoomRole::member);
  ++room->member_count;
  return {{std::move(*room), tx.run(store::list_participants(id))}, true};
}

void close_room(pg::Tx& tx, const RoomView& room, const Caller& caller) {
  tx.run(store::close_room(room.id));
  tx.run(files::drop_others(room.id, kLogoFile, std::nullopt));
  audit::write(tx, caller, kClose, {{"room", room.id}},
               OpenRoom{room.name, room.room_type, room.member_count}, audit::kNothing);
}

Left leave_room(pg::Tx& tx, RoomId id, const Caller& caller) {
  const UserId user = caller.user;
  Left left;
  RoomView room;
  store::MemberRow member;
  try {
    room = tx.run(store::lock_room(id));
    member = require_role(tx, room, user, RoomRole::member);
  } catch (const Error& error) {
    left.refused = error;
    return left;
  }
  store::delete_member(tx, id, user);
  if (room.member_count <= 1) {
    close_room(tx, room, caller);
    left.closed = true;
  } else if (member.role == RoomRole::owner) {
    if (const auto heir = tx.run(store::find_heir(id))) {
      tx.run(store::set_role(id, *heir, RoomRole::owner));
      tx.run(store::set_muted_until(id, *heir, std::nullopt));  // nobody could take it away
      left.heir = tx.run(store::get_member(id, *heir));
      audit::write(tx, caller, kHandOver, member_of(id, *heir), OwnerState{user},
                   OwnerState{*heir});
    }
  }
  return left;
}

std::string make_invite_code() {
  static constexpr char kLetters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";  // 32; no I, O, 0, 1
  static_assert(sizeof kLetters == 33);
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random bytes from OpenSSL");
  }
  std::string code;
  for (const auto byte : bytes) code += kLetters[byte & 31];
  return code;
}

MemberUpdated updated(RoomId room, const RoomMember& member) {
  return {room, member.user_id, member.role, member.muted_until};
}

}  // namespace stoa::rooms
