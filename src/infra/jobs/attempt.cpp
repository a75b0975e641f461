#include "infra/jobs/attempt.hpp"

#include <stoa/core/json.hpp>

namespace stoa::jobs {

JobId Attempt::job() const noexcept {
  return state_->claim.job;
}

int Attempt::number() const noexcept {
  return state_->claim.attempt;
}

void Attempt::finish(pg::Tx& tx) const {
  const Claim& claim = state_->claim;
  const auto& again = state_->again;
  const bool is_done = (!again && tx.run(store::delete_done(claim)).value > 0) ||
                       tx.run(store::restart_done(claim, again)).value > 0;
  if (!is_done) throw Superseded();
  tx.on_commit([state = state_] { state->is_finished = true; });
}

void Attempt::again_after(std::chrono::milliseconds wait) const {
  state_->again = wait;
}

namespace detail {

void read_payload(const std::string& text, const std::function<void(JsonView)>& read) {
  try {
    const Json json = parse_json(text);
    read(json);
  } catch (const Error& error) {
    throw Unreadable("the payload cannot be read: " + error.message());
  }
}

}  // namespace detail
}  // namespace stoa::jobs
