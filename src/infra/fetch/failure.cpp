#include <stoa/fetch/failure.hpp>

#include <array>

namespace stoa::fetch {
namespace {

struct Kind {
  std::string_view name;
  Code code;
  bool may_pass;
};
// By Reason.
constexpr std::array<Kind, kReasons> kKinds = {{
    {"refused", Code::address_refused, false},
    {"unresolved", Code::upstream_failed, true},
    {"unreachable", Code::upstream_failed, true},
    {"untrusted", Code::upstream_failed, true},
    {"broken", Code::upstream_failed, true},
    {"stalled", Code::upstream_timeout, true},
    {"timed_out", Code::upstream_timeout, true},
    {"too_large", Code::upstream_failed, false},
    {"redirected", Code::upstream_failed, false},
}};

const Kind& kind_of(Reason reason) noexcept {
  return kKinds[static_cast<std::size_t>(reason)];
}

}  // namespace

std::string_view name_of(Reason reason) noexcept {
  return kind_of(reason).name;
}

Failed::Failed(Reason reason, bool began, std::string_view refusal)
    : Error(kind_of(reason).code), reason_(reason), began_(began), refusal_(refusal) {}

std::string Failed::text() const {
  std::string out(name_of(reason_));
  if (reason_ == Reason::refused && !refusal_.empty())
    out.append(" (").append(refusal_).append(")");
  return out;
}

bool Failed::may_pass() const noexcept {
  return kind_of(reason_).may_pass;
}

}  // namespace stoa::fetch
