#include <stoa/account/account.hpp>

namespace stoa::account {

http::Routes account_routes(Account& account) {
  using enum http::Method;
  return {
      {del, "/api/users/me", Who::signed_in, Limit::sensitive,
       "Delete one's account for good: {\"password\": \"...\"}, by a fresh sign-in",
       http::endpoint<&Account::remove>(account)},
      {get, "/api/users/me/export", Who::signed_in, Limit::read,
       "Everything held about oneself, as a ZIP file; by a fresh sign-in",
       http::endpoint<&Account::take_copy>(account)},
  };
}

}  // namespace stoa::account
