// What users is to the server.
#include "features/users/blocks_store.hpp"
#include "features/users/users_store.hpp"

#include <stoa/users/blocks.hpp>
#include <stoa/users/feature.hpp>
#include <stoa/users/users.hpp>
#include <stoa/users/users_codes.hpp>
#include <stoa/users/users_config.hpp>

namespace stoa::users {
namespace {

struct Parts {
  Parts(pg::Database& db, const UsersConfig& config) : users(db), blocks(db, config) {}

  Users users;
  Blocks blocks;
};

}  // namespace

Feature feature() {
  return {
      .name = "users",
      .sections = {config::section<UsersConfig, &check>("users")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto parts = std::make_shared<Parts>(on.db, on.config.section<UsersConfig>());
            Module module;
            module.routes = users_routes(parts->users);
            for (auto& row : blocks_routes(parts->blocks)) module.routes.push_back(std::move(row));
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(store::delete_blocks(who.user));
            };
            module.exports = {
                people::lines<WholeAccount, &store::export_account>(on.db, "profile.jsonl"),
                people::lines<Blocked, &store::list_blocks, &Blocked::user_id>(on.db,
                                                                               "blocks.jsonl")};
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::users
