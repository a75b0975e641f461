#pragma once
// As PeerShare's clients know them.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::groups {

inline constexpr Code kGroupNotFound{"GROUP_NOT_FOUND", 404, "Group does not exist"};
inline constexpr Code kGroupFull{"GROUP_FULL", 409, "The group is full"};
inline constexpr Code kNotInGroup{"USER_NOT_FOUND", 403, "Join a group first"};
inline constexpr Code kInvalidGroupId{"INVALID_GROUP_ID", 400, "The group id is no UUID"};
inline constexpr Code kInvalidGroupName{"INVALID_GROUP_NAME", 400, "The group needs a name"};
inline constexpr Code kInvalidUsername{"INVALID_USERNAME", 400, "A name is needed"};
inline constexpr Code kPeerIdTaken{"PEER_ID_TAKEN", 409, "Somebody in the group has this peer id"};
inline constexpr Code kTooManyGroups{"TOO_MANY_GROUPS", 409,
                                     "You have opened as many groups as you may; try again later"};

inline constexpr std::array kCodes = {kGroupNotFound,  kGroupFull,        kNotInGroup,
                                      kInvalidGroupId, kInvalidGroupName, kInvalidUsername,
                                      kPeerIdTaken,    kTooManyGroups};

}  // namespace stoa::groups
