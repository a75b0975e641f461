#pragma once
// What the audit log has of chat: that somebody else's message was deleted. Not what it said: what is deleted is gone. Plain
// described values.
#include <stoa/audit/audit.hpp>

#include <optional>

namespace stoa::chat {

inline constexpr audit::Action kEraseMessage{"chat.delete_message"};  // within the room

struct MessageState {
  std::optional<UserId> sender_id;  // none when the account is gone
  bool is_deleted = false;
};
BOOST_DESCRIBE_STRUCT(MessageState, (), (sender_id, is_deleted))

}  // namespace stoa::chat
