#pragma once
// Work that is done once, however often its request is sent: what an Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header) promises.
//
//   Task<RoomView> Rooms::create(Creator creator, CreateRoom request) {
//     auto work = once(creator, [...](pg::Tx& tx) { ...; return tx.run(store::lock_room(id)); });
//     RoomView room = co_await db_.transaction(std::move(work));
//
// The key and the answer are written in the work's own transaction: when nobody knows whether that was committed, nobody
// needs to, since either both are there or neither. A request that is repeated gets the answer of the first one, and the
// work is not run. While the first one is under way, also where PostgreSQL alone knows it by now, it gets Error{conflict}
// with a time to ask again; with another body Error{key_reused}. Work that throws leaves no key. A request without a key
// is just done. Keys are kept for a day and belong to one user.
//
// What the work answers is a described struct that can be read as well as written.
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace stoa {

namespace detail {
using ReadAnswer = void (*)(JsonView kept, void* answer);
// Holds the key for the length of the transaction. Where it was used before, has the answer of then read into `answer`,
// and says so.
bool claim_key(pg::Tx& tx, UserId user, RequestKey& key, ReadAnswer read, void* answer);
void keep_answer(pg::Tx& tx, UserId user, const RequestKey& key, const std::string& answer);
[[noreturn]] void refuse_forgotten();
}  // namespace detail

template <class Work>
auto once(UserId user, std::shared_ptr<RequestKey> key, Work work) {
  return [user, key = std::move(key), work = std::move(work)](pg::Tx& tx) mutable {
    using Answer = std::invoke_result_t<Work&, pg::Tx&>;
    if (!key) return work(tx);
    Answer answer{};
    const detail::ReadAnswer read_kept = [](JsonView kept, void* out) {
      *static_cast<Answer*>(out) = read<Answer>(kept);
    };
    if (detail::claim_key(tx, user, *key, read_kept, &answer)) return answer;
    answer = work(tx);
    detail::keep_answer(tx, user, *key, write(answer));
    return answer;
  };
}

template <class Work>
auto once(const Creator& creator, Work work) {
  return once(creator.user, creator.key, std::move(work));
}

// ---- Where a body flows by ----
//
// What the file of a form is, is known when it has come: whoever reads it adds its hash to the key's fingerprint before once()
// is run. So that a repeated request does the dear part of its work not again, it asks first whether its key was used.

// True once the request that used it is committed.
pg::Query<bool> is_used(UserId user, const RequestKey& key);
// For the request that found its key used: the answer of then, or what once() throws. Error{conflict} where the key's day ended
// meanwhile.
template <class Answer>
auto answer_of_then(UserId user, std::shared_ptr<RequestKey> key) {
  return once(user, std::move(key), [](pg::Tx&) -> Answer { detail::refuse_forgotten(); });
}

// Forgets at most that many keys that are past their day, and says how many.
std::int64_t delete_old_keys(pg::Tx& tx, int most);

}  // namespace stoa
