// What account is to the server.
#include "features/account/account_store.hpp"
#include "features/account/account_types.hpp"

#include <stoa/account/account.hpp>
#include <stoa/account/feature.hpp>

namespace stoa::account {
namespace {

// In the order of construction; what stands below uses what stands above.
struct Parts {
  Parts(const Platform& on, const AccountConfig& config)
      : packing(config.export_threads, config.max_exports),
        account(
            {on.db, on.jobs, on.services.need<auth::Entrance>(), on.services.need<auth::SignIns>(),
             on.services.need<mail::Mailer>(), on.people, packing},
            config) {}

  WorkerPool packing;
  Account account;
};

store::ActKeys keys_of(const store::ActRow& act) {
  return {act.at, act.id};
}

}  // namespace

Feature feature() {
  return {
      .name = "account",
      .sections = {config::section<AccountConfig, &check>("account")},
      .make =
          [](const Platform& on) {
            auto parts = std::make_shared<Parts>(on, on.config.section<AccountConfig>());
            Module module;
            module.routes = account_routes(parts->account);
            module.jobs = {
                jobs::handle(kAccountLeft, [&account = parts->account](AccountLeft left) {
                  return account.finish_leaving(left);
                })};
            module.exports = {
                people::lines<store::ActRow, &store::export_acts, &keys_of>(on.db, "acts.jsonl"),
                people::lines<store::ActRow, &store::export_acts_upon, &keys_of>(
                    on.db, "acts_upon_you.jsonl")};
            module.metrics = [&pool = parts->packing](Metrics& metrics) {
              observe_workers(metrics, pool, "account_exports");
            };
            module.stop = [&pool = parts->packing] { pool.stop(); };
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::account
