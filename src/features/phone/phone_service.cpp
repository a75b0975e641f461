#include "features/phone/phone_audit.hpp"
#include "features/phone/phone_codes.hpp"
#include "features/phone/phone_store.hpp"
#include "features/phone/phone_types.hpp"
#include "features/phone/twilio.hpp"

#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/auth_log.hpp>
#include <stoa/auth/ways_in.hpp>
#include <stoa/core/log.hpp>
#include <stoa/identity/opaque_token.hpp>
#include <stoa/mail/mail_config.hpp>
#include <stoa/net/networks.hpp>
#include <stoa/phone/phones.hpp>
#include <stoa/users/accounts.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <string>
#include <utility>

namespace stoa::phone {
namespace {

constexpr std::string_view kNewcomer = "Newcomer";  // who did not say a name
constexpr std::size_t kBlockDigits = 3;             // in which the numbers of a block differ

// Digits as people read them out: blanks and hyphens between do not count.
std::string plain(std::string_view typed) {
  std::string digits;
  std::copy_if(typed.begin(), typed.end(), std::back_inserter(digits),
               [](char c) { return c != ' ' && c != '-'; });
  return digits;
}

std::optional<std::string> text_of(const std::optional<ShownChallenge>& challenge) {
  return challenge ? std::optional(challenge->value) : std::nullopt;
}

void refuse_country() {
  Issues issues;
  issues.enter("phone");
  issues.add("country_not_served", "This server sends no messages to numbers of that country");
  issues.raise();
}

}  // namespace

Phones::Phones(Parts parts, std::unique_ptr<Twilio> twilio, const Config& all)
    : parts_(parts),
      twilio_(std::move(twilio)),
      config_(all.section<PhoneConfig>()),
      codes_(all.codes),
      hash_(auth::sealing_keys(all.section<auth::AuthConfig>())),
      locale_(all.section<mail::MailConfig>().locale) {}

Phones::~Phones() = default;

void Phones::require_on() const {
  if (config_.provider == Provider::off) throw Error(kPhoneOff);
}

std::string Phones::country_of(const PhoneNumber& phone) const {
  std::string longest;
  for (const auto& prefix : config_.countries) {
    if (phone.value.starts_with(prefix) && prefix.size() > longest.size()) longest = prefix;
  }
  return longest;
}

bool Phones::may_get_messages(const PhoneNumber& phone) const {
  const bool is_refused =
      std::any_of(config_.refused.begin(), config_.refused.end(),
                  [&](const std::string& prefix) { return phone.value.starts_with(prefix); });
  if (is_refused) return false;
  return config_.countries.empty() || !country_of(phone).empty();
}

// Whether there is such an account, and whether a message goes, only the job sees.
Task<CodeAccepted> Phones::send_otp(Client client, CodeWanted wanted) {
  require_on();
  if (!may_get_messages(wanted.phone)) refuse_country();
  identity::OpaqueToken challenge = identity::make_opaque_token();
  const SendPhoneCode job{wanted.phone.value, client.address, std::move(challenge.hash)};
  auto work = [this, job](pg::Tx& tx) {
    parts_.jobs.enqueue(tx, kSendPhoneCode, job, {.key = identity::hash_opaque_token(job.phone)});
  };
  co_await parts_.db.transaction(std::move(work));
  co_return CodeAccepted{std::move(challenge.text)};
}

// What is not sent takes nothing from anybody.
bool Phones::take_shares(pg::Tx& tx, const SendPhoneCode& job) const {
  const auto& number = job.phone;
  const std::array<codes::Codes::Share, 5> shares = {{
      {number},
      {"network " + std::to_string(net::client_key(job.address)), config_.per_address},
      {"block " + number.substr(0, number.size() - kBlockDigits), config_.per_block},
      {"country " + country_of({number}), config_.per_country},
      {"telephones", config_.in_all},
  }};
  return codes_.take_shares(tx, shares);
}

// The row says which job has made it, so that a second attempt sends what the first could not.
std::optional<std::string> Phones::make_code(pg::Tx& tx, const SendPhoneCode& job,
                                             const jobs::Attempt& attempt) const {
  const std::string id = attempt.job().str();
  if (attempt.number() > 1 && tx.run(codes::has_live(codes::kPhone, job.phone, id))) return "";
  if (!take_shares(tx, job)) return std::nullopt;
  const codes::Wanted wanted{.target = job.phone, .data = id, .asker_hash = job.challenge_hash};
  if (!twilio_) return codes_.make_digits(tx, codes::kPhone, wanted, job.address, hash_).text;
  codes_.make_anyway(tx, codes::kPhone, wanted, job.address);
  return "";
}

Task<> Phones::send(SendPhoneCode job, jobs::Attempt attempt) {
  if (config_.provider == Provider::off) co_return;
  auto work = [this, job, attempt](pg::Tx& tx) {
    auto digits = make_code(tx, job, attempt);
    if (!digits || !twilio_) attempt.finish(tx);
    return digits;
  };
  const std::optional<std::string> digits = co_await parts_.db.transaction(std::move(work));
  if (!digits) {
    count(Result::limited);
    co_return;
  }
  if (!twilio_) {
    log::info("phone_code", {{"to", job.phone}, {"code", *digits}});
    count(Result::sent);
    co_return;
  }
  Sent sent = Sent::refused;
  PhoneNumber phone{job.phone};  // a temporary of co_await would be destroyed twice (GCC 12)
  try {
    sent = co_await twilio_->send(std::move(phone));
  } catch (const std::exception& error) {
    if (attempt.number() < kSendAttempts) throw;
    // Nobody waits for it any more, and who does asks again.
    log::warn("phone_code_not_sent", {{"reason", error.what()}});
  }
  count(sent == Sent::sent      ? Result::sent
        : sent == Sent::limited ? Result::limited
                                : Result::failed);
}

Task<codes::Live> Phones::prove(PhoneNumber phone, std::string typed,
                                std::optional<std::string> challenge, Code wrong) const {
  std::string code = plain(typed);
  std::optional<std::string> asker;
  if (challenge) asker = identity::hash_opaque_token(*challenge);
  auto live = co_await parts_.db.run(codes::attempt(codes::kPhone, phone.value, asker));
  Judgement judgement = Judgement::gone;
  if (live && twilio_) {
    judgement = co_await twilio_->check(std::move(phone), std::move(code));
  } else if (live) {
    judgement =
        hash_.matches(live->hash, code, live->id.str()) ? Judgement::right : Judgement::wrong;
  }
  switch (judgement) {
    case Judgement::right:
      break;
    case Judgement::wrong:
      count(Result::wrong);
      throw Error(wrong);
    case Judgement::limited:
      count(Result::limited);
      throw Error(Code::rate_limited).retry_after(codes::kPhone.ttl);
    case Judgement::gone:
      count(Result::expired);
      throw Error(auth::kCodeExpired, "This code is no longer good; have a new one sent");
  }
  co_return std::move(*live);
}

void Phones::spend(pg::Tx& tx, const codes::Live& live) const {
  if (tx.run(codes::spend(live.id)).value == 0) throw Error(auth::kCodeExpired);
}

Task<auth::SignInAnswer> Phones::verify(Client client, PhoneEntry entry) {
  require_on();
  const auto address = net::RateKey::of_address(client.address);
  const auto at = net::RateLimiter::Clock::now();
  net::require_allowed(parts_.limiter.look(Limit::sensitive, address, at));
  const auto holder =
      co_await parts_.db.run(store::find_holder(entry.phone, config_.recycled_after));
  std::optional<std::string> challenge = text_of(entry.challenge);
  std::optional<codes::Live> live;
  try {
    live = co_await prove(entry.phone, entry.code.value, std::move(challenge), auth::kInvalidCode);
  } catch (const Error& refused) {
    if (refused.code().http_status < 500) {
      parts_.limiter.count(Limit::sensitive, address, net::RateLimiter::Clock::now());
      auth::log_event("auth_phone_failed", holder ? std::optional(holder->user) : std::nullopt,
                      client);
    }
    throw;
  }
  // Only who has the number's code may learn that it has no account.
  if (!holder) net::require_allowed(parts_.limiter.look(Limit::registration, address, at));
  auto work = [this, client, entry, live = *live](pg::Tx& tx) {
    const auto present = tx.run(store::find_holder(entry.phone, config_.recycled_after));
    if (present) {
      parts_.entrance.lock(tx, present->user);
      if (present->is_stale &&
          parts_.entrance.has_other_way_in(tx, present->user, {.phone = true})) {
        throw Error(kPhoneStale);
      }
      if (tx.run(store::mark_confirmed(present->user, entry.phone)).value == 0) {
        throw Error(Code::conflict);  // it has another number by now
      }
    }
    spend(tx, live);
    const UserId user = present ? present->user : create(tx, client, entry);
    return parts_.entrance.open_locked(tx, client, user, auth::How::phone);
  };
  auth::SignInAnswer answer = co_await parts_.db.transaction(std::move(work));
  if (!holder) {
    parts_.limiter.count(Limit::registration, address, net::RateLimiter::Clock::now());
  }
  count(Result::right);
  co_return answer;
}

UserId Phones::create(pg::Tx& tx, const Client& client, const PhoneEntry& entry) const {
  users::NewUser account;
  account.phone = entry.phone.value;
  account.full_name = entry.full_name ? entry.full_name->value : std::string(kNewcomer);
  account.locale = entry.locale ? entry.locale->value : locale_;
  const users::User user = users::create_user(tx, account);
  for (auth::AccountWatcher* const watcher : parts_.entrance.watchers()) {
    watcher->registered(tx, user, client);
  }
  tx.on_commit([id = user.id, client] { auth::log_event("auth_registered", id, client); });
  return user.id;
}

Task<PhoneStanding> Phones::standing(Caller caller) {
  PhoneStanding standing = co_await parts_.db.run(store::get_standing(caller.user));
  co_return standing;
}

Task<PhoneStanding> Phones::set_own(Caller caller, OwnPhone wanted) {
  require_on();
  co_await parts_.entrance.require_fresh(caller);
  std::optional<std::string> challenge = text_of(wanted.challenge);
  const codes::Live live =
      co_await prove(wanted.phone, wanted.code.value, std::move(challenge), kWrongPhoneCode);
  auto work = [this, caller, phone = wanted.phone, live](pg::Tx& tx) {
    const auto gives_way = lock_with_stale_holder(tx, caller.user, phone);
    parts_.entrance.require_fresh(tx, caller);
    parts_.entrance.require_confirmed_address(tx, caller.user);
    spend(tx, live);
    if (gives_way) take_from(tx, caller, *gives_way);
    const auto before = tx.run(store::get_standing(caller.user));
    store::set_phone(tx, caller.user, phone);
    if (before.phone != phone.value) {
      audit::write(tx, caller, kSetPhone, {{"user", caller.user}},
                   PhoneState{before.phone.has_value()}, PhoneState{true});
      tell(tx, caller.user);
    }
    return tx.run(store::get_standing(caller.user));
  };
  PhoneStanding standing = co_await parts_.db.transaction(std::move(work));
  count(Result::right);
  auth::log_event("auth_phone_set", caller.user, *caller.client);
  co_return standing;
}

// Who locks two accounts locks the one with the lesser id first.
std::optional<UserId> Phones::lock_with_stale_holder(pg::Tx& tx, UserId user,
                                                     const PhoneNumber& phone) const {
  const auto find = [&] { return tx.run(store::find_holder(phone, config_.recycled_after)); };
  auto holder = find();
  if (holder && (holder->user == user || !holder->is_stale)) holder.reset();
  if (holder && holder->user < user) tx.run(users::lock_account(holder->user));
  if (!tx.run(users::lock_account(user))) throw Error(Code::not_found);
  if (!holder) return std::nullopt;
  if (user < holder->user) tx.run(users::lock_account(holder->user));
  const auto now = find();
  const bool is_same = now && now->user == holder->user && now->is_stale;
  if (!is_same || !parts_.entrance.has_other_way_in(tx, now->user, {.phone = true}))
    return std::nullopt;
  return now->user;
}

void Phones::add_doors(auth::Doors& open) const {
  open.codes = config_.provider != Provider::off;
}

void Phones::take_from(pg::Tx& tx, const Caller& caller, UserId holder) const {
  tx.run(store::remove_phone(holder));
  audit::write(tx, caller, kRemovePhone, {{"user", holder}}, PhoneState{true}, PhoneState{false});
  tell(tx, holder);
  tx.on_commit(
      [holder, client = caller.client] { auth::log_event("auth_phone_removed", holder, *client); });
}

Task<> Phones::remove_own(Caller caller) {
  auto work = [this, caller](pg::Tx& tx) {
    if (!tx.run(users::lock_account(caller.user))) throw Error(Code::not_found);
    parts_.entrance.require_fresh(tx, caller);
    if (!tx.run(store::get_standing(caller.user)).phone) throw Error(Code::not_found);
    if (!parts_.entrance.has_other_way_in(tx, caller.user, {.phone = true})) {
      throw Error(auth::kLastWayIn);
    }
    tx.run(store::remove_phone(caller.user));
    audit::write(tx, caller, kRemovePhone, {{"user", caller.user}}, PhoneState{true},
                 PhoneState{false});
    tell(tx, caller.user);
  };
  co_await parts_.db.transaction(std::move(work));
  auth::log_event("auth_phone_removed", caller.user, *caller.client);
}

void Phones::claimed(pg::Tx& tx, UserId user, const Client& client) {
  if (tx.run(store::remove_phone(user)).value == 0) return;
  audit::write(tx, audit::Actor(user, client), kRemovePhone, {{"user", user}}, PhoneState{true},
               PhoneState{false});
}

void Phones::tell(pg::Tx& tx, UserId user) const {
  if (!parts_.mailer.is_on()) return;
  const users::User person = tx.run(users::get_user(user));
  if (!person.email || !person.is_verified) return;  // nobody has shown that it is his
  parts_.mailer.send(tx, {.name = "phone_changed", .to = *person.email, .locale = person.locale});
}

void Phones::bind(Metrics& metrics) {
  constexpr std::array<const char*, kResults> kNames = {"sent",  "limited", "right",
                                                        "wrong", "expired", "failed"};
  for (std::size_t i = 0; i < kResults; ++i) {
    counters_[i] = &metrics.counter("stoa_codes_total", "What became of codes that are good once",
                                    {{"purpose", "phone"}, {"result", kNames[i]}});
  }
}

void Phones::count(Result result) const {
  auto* const counter = counters_[static_cast<std::size_t>(result)];
  if (counter != nullptr) counter->Increment();
}

}  // namespace stoa::phone
