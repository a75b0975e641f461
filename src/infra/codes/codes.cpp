#include "infra/codes/codes_store.hpp"

#include <stoa/codes/codes.hpp>
#include <stoa/core/error.hpp>
#include <stoa/identity/opaque_token.hpp>

#include <algorithm>

namespace stoa::codes {
namespace {

bool reaches(std::int64_t count, std::size_t most) {
  return count >= static_cast<std::int64_t>(most);
}

}  // namespace

std::optional<Made> Codes::make(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                                std::string_view address) const {
  const std::string& to = wanted.to.empty() ? wanted.target : wanted.to;
  if (!take_share(tx, to)) return std::nullopt;
  return make_anyway(tx, purpose, wanted, address);
}

Made Codes::make_anyway(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                        std::string_view address) const {
  const CodeId id = CodeId::make();
  auto token = identity::make_opaque_token();
  const auto expires = tx.run(store::replace(id, purpose, wanted, token.hash, address));
  return Made{id, std::move(token.text), expires};
}

Made Codes::make_digits(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                        std::string_view address, const identity::CodeHash& hash) const {
  constexpr int kDigits = 6;
  const CodeId id = CodeId::make();
  std::string text = identity::random_digits(kDigits);
  const auto expires =
      tx.run(store::replace(id, purpose, wanted, hash.make(text, id.str()), address));
  return Made{id, std::move(text), expires};
}

bool Codes::take_shares(pg::Tx& tx, std::span<const Share> shares) const {
  const double window = in_seconds(config_.per_target_window);
  for (const auto& [what, most] : shares) {
    tx.run(store::lock_target(what));
    const auto sent = tx.run(store::sent_to(what, window, most ? 0 : in_seconds(config_.min_wait)));
    if (reaches(sent.count, most.value_or(config_.per_target))) return false;
    if (!most && sent.just_now) return false;
  }
  for (const Share& share : shares) tx.run(store::note_send(share.what));
  return true;
}

bool Codes::take_share(pg::Tx& tx, std::string_view to) const {
  const Share share{std::string(to)};
  return take_shares(tx, {&share, 1});
}

void Codes::count_for(pg::Tx& tx, UserId user) const {
  const std::string who = user.str();
  tx.run(store::lock_target(who));
  const auto sent = tx.run(store::sent_to(who, in_seconds(config_.per_target_window), 0));
  if (reaches(sent.count, config_.per_target)) {
    const std::chrono::seconds wait(std::max<std::int64_t>(sent.wait, 1));
    throw Error(Code::rate_limited).retry_after(wait);
  }
  tx.run(store::note_send(who));
}

jobs::Chores Codes::chores() const {
  const auto ended = [](pg::Tx& tx, int most) { return tx.run(store::delete_ended(most)).value; };
  const auto old_sends = [window = in_seconds(config_.per_target_window)](pg::Tx& tx, int most) {
    return tx.run(store::delete_old_sends(window, most)).value;
  };
  return {{"ended_codes", ended}, {"old_code_sends", old_sends}};
}

}  // namespace stoa::codes
