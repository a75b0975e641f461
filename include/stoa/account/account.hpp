#pragma once
// The account as a whole: its deletion, and a copy of everything that is held about its person (docs/adr/0034-leaving.md). What each
// feature does for that, or has, is its own to say (<stoa/module/people.hpp>). Owned by the feature; members may be called on any shard.
#include <stoa/account/account_config.hpp>
#include <stoa/auth/entrance.hpp>
#include <stoa/auth/sign_ins.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/http/route.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/module/people.hpp>
#include <stoa/postgres/database.hpp>

#include <memory>

namespace stoa::account {

class ExportsUnderWay;
struct AccountLeft;

class Account {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    jobs::Queue& jobs;
    auth::Entrance& entrance;
    auth::SignIns& sign_ins;
    const mail::Mailer& mailer;
    const people::Parts& people;
    WorkerPool& packing;
  };
  Account(Parts parts, const AccountConfig& config);
  ~Account();

  // With the password, by a fresh sign-in with all factors. Nobody can undo it.
  Task<> remove(Caller caller, http::WholeBody body);
  // A ZIP file, made while it is read. Error{rate_limited} where one was asked for a while ago or is under way.
  Task<http::Download> take_copy(Caller caller);

  // The slices of a deletion that are a job's.
  Task<> finish_leaving(AccountLeft left);

 private:
  void tell(pg::Tx& tx, UserId user) const;

  Parts parts_;
  const AccountConfig& config_;
  const std::shared_ptr<ExportsUnderWay> under_way_;
};

http::Routes account_routes(Account& account);

}  // namespace stoa::account
