#include "features/account/account_audit.hpp"
#include "features/account/account_store.hpp"
#include "features/account/account_types.hpp"
#include "features/account/copy_source.hpp"

#include <stoa/account/account.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/users/users.hpp>

#include <utility>

namespace stoa::account {
namespace {

std::optional<std::string> password_of(std::string_view body) {
  const Json json = body.empty() ? Json::object() : parse_json(body);
  Removal removal = read<Removal>(json);
  if (!removal.password) return std::nullopt;
  return std::move(removal.password->value);
}

}  // namespace

Account::Account(Parts parts, const AccountConfig& config)
    : parts_(parts),
      config_(config),
      under_way_(std::make_shared<ExportsUnderWay>(config.max_exports)) {}

Account::~Account() = default;

Task<> Account::remove(Caller caller, http::WholeBody body) {
  std::optional<std::string> password = password_of(body.text);
  co_await parts_.entrance.require_fresh_with_all(caller);
  const auto shown = co_await parts_.sign_ins.require_password(caller, std::move(password));
  auto work = [this, caller, shown](pg::Tx& tx) {
    const UserId user = caller.user;
    parts_.entrance.lock(tx, user);
    parts_.entrance.require_fresh_with_all(tx, caller);
    parts_.sign_ins.require_still(tx, user, shown);
    tell(tx, user);
    audit::write(tx, caller, kDelete, {{"user", user}}, audit::kNothing, audit::kNothing);
    for (const people::Leaving& part : parts_.people.leaving) {
      if (part.at_once) part.at_once(tx, caller);
    }
    tx.run(store::delete_keys(user));
    tx.run(users::anonymise(user));
    const AccountLeft left{user, caller.session};
    parts_.jobs.enqueue(tx, kAccountLeft, left);
    parts_.jobs.enqueue(tx, kAccountLeft, left, {.after = kOnceMore, .key = user.str()});
    tx.on_commit([user, client = caller.client] {
      log::info("account_deleted", {{"userId", user.str()}, {"requestId", client->request_id}});
    });
  };
  co_await parts_.db.transaction(std::move(work));
}

// The row of the account forgets its address with this transaction: the mail's job is what has it until it is sent.
void Account::tell(pg::Tx& tx, UserId user) const {
  if (!parts_.mailer.is_on()) return;
  const users::User person = tx.run(users::get_user(user));
  if (!person.email || !person.is_verified) return;  // nobody has shown that it is his
  parts_.mailer.send(tx, {.name = "account_deleted", .to = *person.email, .locale = person.locale});
}

Task<> Account::finish_leaving(AccountLeft left) {
  const Caller who{left.user, left.session, std::make_shared<const Client>()};
  auto again = [this, who](pg::Tx& tx) {
    for (const people::Leaving& part : parts_.people.leaving) {
      if (part.at_once) part.at_once(tx, who);
    }
    tx.run(store::delete_keys(who.user));
  };
  co_await parts_.db.transaction(std::move(again));
  for (const people::Leaving& part : parts_.people.leaving) {
    if (!part.afterwards) continue;
    bool may_be_more = true;
    while (may_be_more) {
      auto slice = [&part, who](pg::Tx& tx) { return part.afterwards(tx, who); };
      may_be_more = co_await parts_.db.transaction(std::move(slice));
    }
  }
}

Task<http::Download> Account::take_copy(Caller caller) {
  co_await parts_.entrance.require_fresh_with_all(caller);
  std::shared_ptr<void> place = under_way_->begin(caller.user);
  const auto begun = co_await parts_.db.run(store::begin_copy(caller.user, config_.export_every));
  if (!begun) {
    const auto wait = co_await parts_.db.run(store::find_wait(caller.user, config_.export_every));
    throw Error(Code::rate_limited, "You have taken a copy a while ago; try again later")
        .retry_after(std::chrono::seconds(wait.value_or(1)));
  }
  log::info("account_copied",
            {{"userId", caller.user.str()}, {"requestId", caller.client->request_id}});
  auto still = [&entrance = parts_.entrance, caller] { return entrance.require_standing(caller); };
  http::Download download;
  download.headers.set("content-type", "application/zip");
  download.headers.set("content-disposition",
                       http::content_disposition(http::Disposition::attachment, "stoa.zip"));
  download.headers.set("cache-control", "no-store");
  download.source = std::make_shared<CopySource>(
      caller.user, std::move(still), parts_.people, parts_.packing, std::move(place),
      std::chrono::steady_clock::now() + config_.export_time);
  co_return download;
}

}  // namespace stoa::account
