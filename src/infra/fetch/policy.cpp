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
               const std::optional<std::vector<std::string>>& private_networks,
               const std::vector<std::string>& refused_networks)
    : hosts_(patterns(hosts)),
      fence_(patterns(fence)),
      may_go_inside_(private_networks.has_value()),
      private_(private_networks.value_or(std::vector<std::string>())),
      refused_(refused_networks) {}

std::string_view Policy::refusal(const Target& target) const noexcept {
  if (!any_matches(hosts_, target)) return "it is none of the hosts that are called for this";
  if (!fence_.empty() && !any_matches(fence_, target)) return "fetch.hosts does not name it";
  return {};
}

std::string_view Policy::refusal(const boost::asio::ip::address& address) const {
  const auto plain = net::plain(address);
  if (refused_.contains(plain)) return "fetch.refused_networks names it";
  if (is_public(address) || private_.contains(plain)) return {};
  return may_go_inside_ ? "fetch.private_networks does not name it" : "its address is private";
}

}  // namespace stoa::fetch
