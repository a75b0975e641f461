#include "infra/fetch/policy.hpp"

#include "infra/fetch/addresses.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::fetch {
namespace {

std::vector<OriginPattern> patterns(const std::vector<std::string>& list) {
  std::vector<OriginPattern> all;
  for (const std::string& text : list) {
    const auto pattern = OriginPattern::parse(text);
    if (!pattern) throw std::logic_error("no host that may be called: " + text);
    all.push_back(*pattern);
  }
  return all;
}

bool any_matches(const std::vector<OriginPattern>& all, const Target& target) noexcept {
  return std::any_of(all.begin(), all.end(), [&](const OriginPattern& pattern) {
    return pattern.matches(target.is_tls, target.host, target.port);
  });
}

}  // namespace

Policy::Policy(const std::vector<std::string>& hosts, const std::vector<std::string>& fence,
               const std::vector<std::string>& private_networks,
               const std::vector<std::string>& refused_networks)
    : hosts_(patterns(hosts)),
      fence_(patterns(fence)),
      private_(private_networks),
      refused_(refused_networks) {}

bool Policy::allows(const Target& target) const noexcept {
  return any_matches(hosts_, target) && (fence_.empty() || any_matches(fence_, target));
}

bool Policy::allows(const boost::asio::ip::address& address) const {
  const auto plain = net::plain(address);
  return !refused_.contains(plain) && (is_public(address) || private_.contains(plain));
}

}  // namespace stoa::fetch
