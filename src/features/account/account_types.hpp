#pragma once
// What the routes of a whole account take, and what is left to do when it is deleted.
#include <stoa/core/binding.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/jobs/job.hpp>

#include <chrono>
#include <optional>

namespace stoa::account {

struct Removal {
  std::optional<Verbatim<1, 128>> password;  // where the account has one
};
BOOST_DESCRIBE_STRUCT(Removal, (), (password))

struct AccountLeft {
  UserId user;
  AuthSessionId session;  // by which it was deleted
};
BOOST_DESCRIBE_STRUCT(AccountLeft, (), (user, session))
inline constexpr jobs::Kind<AccountLeft> kAccountLeft{"account_left"};

// When the job is done once more: no request that was under way lasts as long.
inline constexpr std::chrono::minutes kOnceMore{5};

}  // namespace stoa::account
