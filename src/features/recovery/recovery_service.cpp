#include "features/recovery/link_marks.hpp"
#include "features/recovery/recovery_audit.hpp"
#include "features/recovery/recovery_codes.hpp"
#include "features/recovery/recovery_links.hpp"
#include "features/recovery/recovery_store.hpp"
#include "features/recovery/recovery_types.hpp"

#include <stoa/auth/auth_codes.hpp>
#include <stoa/core/text.hpp>
#include <stoa/identity/opaque_token.hpp>
#include <stoa/recovery/recovery.hpp>

#include <algorithm>
#include <chrono>

namespace stoa::recovery {
namespace {

std::string minutes_of(const codes::Purpose& purpose) {
  return std::to_string(std::chrono::floor<std::chrono::minutes>(purpose.ttl).count());
}

std::string hours_of(const codes::Purpose& purpose) {
  return std::to_string(std::chrono::floor<std::chrono::hours>(purpose.ttl).count());
}

Error expired() {
  return {auth::kCodeExpired, "This link was used already or is no longer good; ask for a new one"};
}

bool has_address(const users::Account& account, std::string_view small) {
  return account.email && small_letters(*account.email) == small;
}

}  // namespace

Recovery::Recovery(Parts parts, const RecoveryConfig& config, std::string public_url)
    : parts_(parts),
      public_url_(std::move(public_url)),
      purposes_{lasting(codes::kVerifyEmail, config.verify_ttl),
                lasting(codes::kResetPassword, config.reset_ttl),
                lasting(codes::kChangeEmail, config.change_ttl),
                lasting(codes::kResetByOperator, config.operator_ttl)} {}

void Recovery::require_mail() const {
  if (!parts_.mailer.is_on()) throw Error(kMailOff);
}

// Whether there is such an account only the job sees, so that no answer and no time can tell.
Task<Accepted> Recovery::forgot(Client client, Forgotten forgotten) {
  require_mail();
  ForgottenPassword job{small_letters(forgotten.email.value), client.address};
  auto work = [this, job = std::move(job)](pg::Tx& tx) {
    parts_.jobs.enqueue(tx, kForgottenPassword, job,
                        {.key = identity::hash_opaque_token(job.email)});
  };
  co_await parts_.db.transaction(std::move(work));
  co_return Accepted{};
}

Task<> Recovery::send_reset(ForgottenPassword job, jobs::Attempt attempt) {
  auto work = [this, job = std::move(job), attempt](pg::Tx& tx) {
    send_reset_to(tx, job);
    attempt.finish(
        tx);  // last: whoever asks for the same address meanwhile waits from here on, whether there is an account or not
  };
  co_await parts_.db.transaction(std::move(work));
}

// These mails have a share of their own, which none of another kind takes up.
void Recovery::send_reset_to(pg::Tx& tx, const ForgottenPassword& job) const {
  const auto account = tx.run(users::find_account(job.email));
  if (!account || account->suspended) return;
  const codes::Wanted wanted{.target = job.email, .to = "reset " + job.email, .user = account->id};
  const auto made = parts_.codes.make(tx, reset_password_, wanted, job.address);
  count(tx, reset_password_, made ? Result::sent : Result::limited);
  if (!made) return;
  parts_.mailer.send(tx,
                     {.name = "reset_password",
                      .to = *account->email,
                      .locale = account->locale,
                      .values = {{"minutes", minutes_of(reset_password_)}},
                      .useless_after = made->expires},
                     {{"link", link(kResetPage, made->text)}});
}

Task<Recovery::Found> Recovery::find(Client client, std::string text, const codes::Purpose& one,
                                     const codes::Purpose& other) const {
  const ShownLink shown = parts_.marks.read(text);
  const auto address = net::RateKey::of_address(client.address);
  const auto at = net::RateLimiter::Clock::now();
  net::require_allowed(shown.is_ours ? parts_.limiter.count(Limit::sensitive, shown.key(), at)
                                     : parts_.limiter.look(Limit::sensitive, address, at));
  auto live = co_await parts_.db.run(codes::find_link(one, shown.token));
  if (live) co_return Found{std::move(*live), &one};
  auto of_other = co_await parts_.db.run(codes::find_link(other, shown.token));
  if (of_other) co_return Found{std::move(*of_other), &other};
  if (!shown.is_ours) parts_.limiter.count(Limit::sensitive, address, at);
  refuse(one);
}

Task<WasReset> Recovery::reset(Client client, Reset reset) {
  const Found found = co_await find(client, reset.token.value, reset_password_, reset_by_operator_);
  std::string hash = co_await parts_.sign_ins.hash_new(
      client, "password", std::move(reset.password), found.live.target);
  auto work = [this, live = found.live, purpose = found.purpose, hash, client](pg::Tx& tx) {
    users::Account account = lock_account_of(tx, live);
    if (!has_address(account, live.target)) refuse(*purpose);
    spend(tx, *purpose, live);
    // What an operator hands over says nothing about a mailbox. Whoever had the account before its address was confirmed may
    // have been anybody, and leaves nothing that would keep its owner out.
    if (purpose == &reset_password_) {
      if (!account.is_verified) {
        parts_.entrance.drop_second_factor(tx, client, account.id);
        for (auth::AccountWatcher* const watcher : parts_.entrance.watchers()) {
          watcher->claimed(tx, account.id, client);
        }
      }
      tx.run(store::mark_verified(account.id));
    }
    parts_.sign_ins.renew_password(tx, account.id, live.target, hash, client);
    tx.run(codes::end_all(account.id));
    audit::write(tx, audit::Actor(account.id, client), kReset, {{"user", account.id}},
                 audit::kNothing, audit::kNothing);
    return account;
  };
  const users::Account account = co_await parts_.db.transaction(std::move(work));
  co_return WasReset{*account.email, parts_.sign_ins.device_token(account.id)};
}

Task<Verified> Recovery::verify(Client client, Verification verification) {
  const Found found = co_await find(client, verification.token.value, verify_email_, change_email_);
  auto work = [this, live = found.live, purpose = found.purpose, client](pg::Tx& tx) {
    const users::Account account = lock_account_of(tx, live);
    const bool changes = purpose == &change_email_;
    if (!changes && !has_address(account, live.target)) refuse(*purpose);
    spend(tx, *purpose, live);
    if (changes) {
      change_address(tx, account, live.data, client);
      return live.data;
    }
    tx.run(store::mark_verified(account.id));
    return *account.email;
  };
  std::string email = co_await parts_.db.transaction(std::move(work));
  co_return Verified{std::move(email)};
}

Task<Resent> Recovery::resend(Caller caller) {
  require_mail();
  auto work = [this, caller](pg::Tx& tx) {
    const auto account = tx.run(users::lock_account(caller.user));
    if (!account || !account->email) throw Error(Code::not_found);
    if (account->is_verified) throw Error(kAlreadyVerified);
    return send_verification(tx, *account, caller.client->address);
  };
  const bool is_sent = co_await parts_.db.transaction(std::move(work));
  co_return Resent{is_sent};
}

// Neither the answer says that an address is another's, but a mail to it.
Task<Accepted> Recovery::change_email(Caller caller, NewAddress wanted) {
  require_mail();
  auto work = [this, caller, wanted = wanted.email.value](pg::Tx& tx) {
    const auto account = tx.run(users::lock_account(caller.user));
    if (!account) throw Error(Code::not_found);
    parts_.entrance.require_fresh(tx, caller);
    parts_.codes.count_for(tx, caller.user);
    send_change(tx, *account, wanted, caller.client->address);
  };
  co_await parts_.db.transaction(std::move(work));
  co_return Accepted{};
}

void Recovery::send_change(pg::Tx& tx, const users::Account& account, const std::string& wanted,
                           const std::string& address) const {
  const std::string to = small_letters(wanted);
  if (has_address(account, to)) {
    if (!account.is_verified) send_verification(tx, account, address);
    return;
  }
  // Whether the new one is free or another's: he who has both mailboxes could tell by it.
  if (account.email && account.is_verified) {
    parts_.mailer.send(
        tx, {.name = "address_change_wanted", .to = *account.email, .locale = account.locale});
  }
  if (const auto other = tx.run(users::find_account(wanted))) {
    if (!parts_.codes.take_share(tx, to)) return;
    parts_.mailer.send(tx, {.name = "address_taken", .to = *other->email, .locale = other->locale});
    return;
  }
  const codes::Wanted code{
      .target = account.id.str(), .to = to, .user = account.id, .data = wanted};
  const auto made = parts_.codes.make(tx, change_email_, code, address);
  count(tx, change_email_, made ? Result::sent : Result::limited);
  if (!made) return;
  parts_.mailer.send(tx,
                     {.name = "change_email",
                      .to = wanted,
                      .locale = account.locale,
                      .values = {{"minutes", minutes_of(change_email_)}},
                      .useless_after = made->expires},
                     {{"link", link(kVerifyPage, made->text)}});
}

bool Recovery::send_verification(pg::Tx& tx, const users::Account& account,
                                 const std::string& address) const {
  const codes::Wanted wanted{.target = small_letters(*account.email), .user = account.id};
  const auto made = parts_.codes.make(tx, verify_email_, wanted, address);
  count(tx, verify_email_, made ? Result::sent : Result::limited);
  if (!made) return false;
  parts_.mailer.send(tx,
                     {.name = "verify_email",
                      .to = *account.email,
                      .locale = account.locale,
                      .values = {{"hours", hours_of(verify_email_)}},
                      .useless_after = made->expires},
                     {{"link", link(kVerifyPage, made->text)}});
  return true;
}

void Recovery::change_address(pg::Tx& tx, const users::Account& account, const std::string& wanted,
                              const Client& client) const {
  store::set_email(tx, account.id, wanted);
  tx.run(codes::end_all(account.id));
  audit::write(tx, audit::Actor(account.id, client), kChangeEmail, {{"user", account.id}},
               audit::kNothing, audit::kNothing);
  if (!account.email || !account.is_verified) return;  // a stranger may have registered with it
  parts_.mailer.send(tx,
                     {.name = "address_changed", .to = *account.email, .locale = account.locale});
}

void Recovery::registered(pg::Tx& tx, const users::User& user, const Client& client) {
  if (!parts_.mailer.is_on() || !user.email || user.is_verified) return;
  send_verification(tx, {.id = user.id, .email = user.email, .locale = user.locale},
                    client.address);
}

// Links that set a new password stay good: whoever reads the mailbox, or whom the operator trusts, comes before whoever knows
// the password, and could not be let in while that one changes it again and again.
void Recovery::password_changed(pg::Tx& tx, UserId user) {
  tx.run(codes::end(change_email_, user));
  tx.run(codes::end(codes::kLogin, user));  // what was begun with the one before
  if (!parts_.mailer.is_on()) return;
  const auto account = tx.run(users::lock_account(user));
  if (!account || !account->email || !account->is_verified) return;
  parts_.mailer.send(
      tx, {.name = "password_changed", .to = *account->email, .locale = account->locale});
}

void Recovery::signed_out(pg::Tx& tx, UserId user) {
  tx.run(codes::end(change_email_, user));
}

void Recovery::add_doors(auth::Doors& open) const {
  open.links = parts_.mailer.is_on();
}

users::Account Recovery::lock_account_of(pg::Tx& tx, const codes::Live& live) const {
  const auto account = live.user ? tx.run(users::lock_account(*live.user)) : std::nullopt;
  if (!account) throw expired();
  if (account->suspended) throw Error(Code::suspended);
  return *account;
}

void Recovery::spend(pg::Tx& tx, const codes::Purpose& purpose, const codes::Live& live) const {
  if (tx.run(codes::spend(live.id)).value == 0) refuse(purpose);
  count(tx, purpose, Result::right);
}

void Recovery::refuse(const codes::Purpose& purpose) const {
  count(purpose, Result::wrong);
  throw expired();
}

std::string Recovery::link(std::string_view page, const std::string& token) const {
  return link_to(public_url_, page, parts_.marks.text(token));
}

void Recovery::bind(Metrics& metrics) {
  constexpr std::array<const char*, kResults> kNames = {"sent", "limited", "right", "wrong"};
  for (std::size_t of = 0; of < kPurposes; ++of) {
    for (std::size_t i = 0; i < kResults; ++i) {
      counters_[of][i] =
          &metrics.counter("stoa_codes_total", "What became of codes that are good once",
                           {{"purpose", std::string(purposes_[of].name)}, {"result", kNames[i]}});
    }
  }
}

void Recovery::count(const codes::Purpose& purpose, Result result) const {
  const auto of = static_cast<std::size_t>(&purpose - purposes_.data());
  auto* const counter = counters_[of][static_cast<std::size_t>(result)];
  if (counter != nullptr) counter->Increment();
}

void Recovery::count(pg::Tx& tx, const codes::Purpose& purpose, Result result) const {
  tx.on_commit([this, &purpose, result] { count(purpose, result); });
}

}  // namespace stoa::recovery
