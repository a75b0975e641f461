#pragma once
// What a purpose may call. Immutable, any thread.
#include "infra/fetch/target.hpp"

#include <stoa/core/origin_pattern.hpp>
#include <stoa/net/networks.hpp>

#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace stoa::fetch {

class Policy {
 public:
  // `hosts` and `fence` as OriginPattern reads them; without a fence `hosts` alone count. Throws std::logic_error for a
  // host that it cannot read. What `refused_networks` names is not called, also where `private_networks` names it.
  Policy(const std::vector<std::string>& hosts, const std::vector<std::string>& fence,
         const std::vector<std::string>& private_networks,
         const std::vector<std::string>& refused_networks);

  bool allows(const Target& target) const noexcept;
  // Whether a connection may be opened, or used, that leads there.
  bool allows(const boost::asio::ip::address& address) const;

 private:
  std::vector<OriginPattern> hosts_, fence_;
  net::Networks private_, refused_;
};

}  // namespace stoa::fetch
