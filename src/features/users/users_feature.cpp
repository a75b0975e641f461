// What users is to the server.
#include <stoa/users/feature.hpp>
#include <stoa/users/users.hpp>
#include <stoa/users/users_codes.hpp>

namespace stoa::users {

Feature feature() {
  return {
      .name = "users",
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto users = std::make_shared<Users>(on.db);
            Module module;
            module.routes = users_routes(*users);
            module.keep = std::move(users);
            return module;
          },
  };
}

}  // namespace stoa::users
