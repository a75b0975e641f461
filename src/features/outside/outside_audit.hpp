#pragma once
// What the audit log has of identities from outside: what changes who may come in. Neither subjects nor addresses stand there.
#include <stoa/audit/audit.hpp>

#include <string>

namespace stoa::outside {

inline constexpr audit::Action kLink{"outside.link"};  // an identity, to an account that was there
inline constexpr audit::Action kUnlink{"outside.unlink"};

struct Linked {
  std::string provider;
};
BOOST_DESCRIBE_STRUCT(Linked, (), (provider))

}  // namespace stoa::outside
