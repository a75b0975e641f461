#include <stoa/core/log_limit.hpp>

#include <utility>

namespace stoa::log {

bool Limit::admit(std::string_view kind, std::string_view reason) {
  Kind& of = find(kind);
  const bool is_known =
      reason.empty() || of.reasons.size() >= kReasons || !of.reasons.insert(Hash{}(reason)).second;
  if (of.written < lines_) {
    ++of.written;
    return true;
  }
  if (!is_known) return true;
  ++of.left_out;
  return false;
}

std::vector<Limit::LeftOut> Limit::end_period() {
  std::vector<LeftOut> left_out;
  for (const auto& [kind, of] : std::exchange(kinds_, {})) {
    if (of.left_out > 0) left_out.push_back({kind, of.left_out});
  }
  return left_out;
}

Limit::Kind& Limit::find(std::string_view kind) {
  const auto found = kinds_.find(kind);
  if (found != kinds_.end()) return found->second;
  return kinds_[kinds_.size() < kKinds ? std::string(kind) : std::string()];
}

}  // namespace stoa::log
