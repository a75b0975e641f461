#pragma once
// What a purpose may call. Immutable, any thread.
#include "infra/fetch/target.hpp"

#include <stoa/core/origin_pattern.hpp>
#include <stoa/net/networks.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace stoa::fetch {

class Policy {
 public:
  // `hosts` and `fence` as OriginPattern reads them; without a fence `hosts` alone count. Throws std::logic_error for a
  // host that it cannot read. What `refused_networks` names is not called, also where `private_networks` names it; without
  // the latter nothing private is, whatever the configuration names.
  Policy(const std::vector<std::string>& hosts, const std::vector<std::string>& fence,
         const std::optional<std::vector<std::string>>& private_networks,
         const std::vector<std::string>& refused_networks);

  // Why it may not be called, as a literal for whoever runs the server; empty where it may.
  std::string_view refusal(const Target& target) const noexcept;
  // The same of a connection that is to be opened, or used, and leads there.
  std::string_view refusal(const boost::asio::ip::address& address) const;

 private:
  std::vector<OriginPattern> hosts_, fence_;
  const bool may_go_inside_;
  net::Networks private_, refused_;
};

}  // namespace stoa::fetch
