#pragma once
// The clientMessageId of a message that is sent with an Idempotency-Key and without one of its own. Its first half says
// which key, its second half which request, so that the key's use for another message is found in the messages' index.
#include <stoa/core/caller.hpp>
#include <stoa/core/ids.hpp>

namespace stoa::chat {

struct MessageKey {
  Uuid id;           // version 8 (RFC 9562, 5.8)
  Uuid first, last;  // between which all ids of the same key are
};
MessageKey message_key(const RequestKey& key);

}  // namespace stoa::chat
