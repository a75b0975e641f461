#include "features/second_factor/recovery_codes.hpp"
#include "features/second_factor/second_factor_audit.hpp"
#include "features/second_factor/second_factor_codes.hpp"
#include "features/second_factor/second_factor_store.hpp"
#include "features/second_factor/second_factor_types.hpp"

#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/auth_log.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/names.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/totp.hpp>
#include <stoa/second_factor/operator_acts.hpp>
#include <stoa/second_factor/second_factor_config.hpp>
#include <stoa/second_factor/second_factors.hpp>
#include <stoa/users/accounts.hpp>

#include <algorithm>

namespace stoa::second_factor {
namespace {

constexpr std::string_view kOfChallenges = "stoa login challenge";

// How people know the account in their app.
std::string account_of(const users::User& user) {
  if (user.email) return *user.email;
  return user.username ? *user.username : user.full_name;
}

std::vector<std::string> kids_of(const std::vector<identity::TokenKey>& keys) {
  std::vector<std::string> kids;
  for (const auto& key : keys) kids.push_back(key.kid);
  return kids;
}

void require_one_code(const Completion& completion) {
  if (completion.code.has_value() != completion.recovery_code.has_value()) return;
  Issues issues;
  issues.enter(completion.code ? "recoveryCode" : "code");
  issues.add("one_of_two", "Send either code or recoveryCode");
  issues.raise();
}

}  // namespace

SecondFactors::SecondFactors(pg::Database& db, auth::Entrance& entrance, const mail::Mailer& mailer,
                             net::RateLimiter& limiter, const Config& all)
    : db_(db),
      entrance_(entrance),
      mailer_(mailer),
      limiter_(limiter),
      sealer_(sealer_of(all.section<auth::AuthConfig>())),
      has_sealing_keys_(!all.section<auth::AuthConfig>().sealing_keys.empty()),
      token_kids_(kids_of(all.section<auth::AuthConfig>().keys)),
      first_key_(identity::Sealer::kid_of(sealer_.seal("", ""))),
      challenges_(auth::token_options(all.section<auth::AuthConfig>()), kOfChallenges),
      codes_(all.codes),
      issuer_(all.section<SecondFactorConfig>().issuer.empty()
                  ? all.server.name
                  : all.section<SecondFactorConfig>().issuer),
      recovery_codes_(all.section<SecondFactorConfig>().recovery_codes),
      attempts_(all.section<SecondFactorConfig>().attempts),
      wait_(all.section<SecondFactorConfig>().wait) {}

Task<Enrolment> SecondFactors::enrol(Caller caller) {
  if (sealer_.has_temporary_key()) throw Error(kSecondFactorOff);
  const std::string secret = identity::random_bytes(identity::kTotpSecretBytes);
  const std::string sealed = sealer_.seal(secret, caller.user.str());
  auto work = [this, caller, sealed, kid = first_key_](pg::Tx& tx) {
    const UserId user = caller.user;
    entrance_.lock(tx, user);
    entrance_.require_fresh(tx, caller);
    if (tx.run(store::enrol(user, sealed, kid)).value == 0) throw Error(kSecondFactorOn);
    return tx.run(users::get_user(user));
  };
  const users::User user = co_await db_.transaction(std::move(work));
  co_return Enrolment{identity::base32_encode(secret),
                      identity::otpauth_uri(issuer_, account_of(user), secret)};
}

Task<RecoveryCodes> SecondFactors::confirm(Caller caller, CodeGiven given) {
  const UserId user = caller.user;
  co_await entrance_.require_fresh(caller);
  const auto found = co_await db_.run(store::find_factor(user));
  if (!found) throw Error(Code::not_found);
  if (found->confirmed) throw Error(kSecondFactorOn);
  const auto factor = co_await begin_attempt(user, Way::totp);
  if (!factor) throw Error(Code::not_found);
  if (factor->confirmed) throw Error(kSecondFactorOn);
  const auto opened = sealer_.open(factor->sealed_secret, user.str());
  if (!opened) throw Error(Code::not_found);  // its key is gone: to be begun again
  const std::string& secret = *opened;
  const auto step = identity::match_totp(secret, plain_code(given.code.value), now(), 0);
  if (!step) {
    count(Way::totp, Result::wrong);
    throw Error(kWrongCode);
  }
  auto work = [this, caller, user, secret, created = factor->created_at, step = *step](pg::Tx& tx) {
    entrance_.lock(tx, user);
    entrance_.require_fresh(tx, caller);
    if (tx.run(store::confirm(user, created, step)).value == 0) throw Error(Code::conflict);
    RecoveryCodes codes = give_codes(tx, user, secret);
    entrance_.end_all(tx, user, "auth_session_ended", *caller.client, caller.session);
    audit::write(tx, caller, kTurnOn, {{"user", user}}, FactorState{false}, FactorState{true});
    tell(tx, user, "second_factor_on");
    return codes;
  };
  RecoveryCodes codes = co_await db_.transaction(std::move(work));
  count(Way::totp, Result::right);
  auth::log_event("auth_second_factor_on", user, *caller.client);
  co_return codes;
}

Task<RecoveryCodes> SecondFactors::renew_recovery_codes(Caller caller) {
  const UserId user = caller.user;
  const auto factor = co_await db_.run(store::find_factor(user));
  if (!factor || !factor->confirmed) throw Error(Code::not_found);
  const std::string secret = open(user, *factor);
  auto work = [this, caller, user, secret, created = factor->created_at](pg::Tx& tx) {
    entrance_.lock(tx, user);
    entrance_.require_fresh(tx, caller, 2);
    const auto present = tx.run(store::find_factor(user));
    if (!present || !present->confirmed || present->created_at != created) {
      throw Error(Code::conflict);
    }
    tx.run(store::remove_codes(user));
    audit::write(tx, caller, kRenewCodes, {{"user", user}}, audit::kNothing, audit::kNothing);
    return give_codes(tx, user, secret);
  };
  RecoveryCodes codes = co_await db_.transaction(std::move(work));
  co_return codes;
}

Task<Standing> SecondFactors::standing(Caller caller) {
  const Standing standing = co_await db_.run(store::get_standing(caller.user));
  co_return standing;
}

Task<> SecondFactors::remove(Caller caller) {
  const UserId user = caller.user;
  const bool is_on = co_await db_.run(store::has_factor(user));
  if (!is_on) throw Error(Code::not_found);
  auto work = [this, caller, user](pg::Tx& tx) {
    entrance_.lock(tx, user);
    entrance_.require_fresh(tx, caller, 2);
    if (tx.run(store::remove(user)).value == 0) throw Error(Code::not_found);
    audit::write(tx, caller, kTurnOff, {{"user", user}}, FactorState{true}, FactorState{false});
    tell(tx, user, "second_factor_off");
  };
  co_await db_.transaction(std::move(work));
  auth::log_event("auth_second_factor_off", user, *caller.client);
}

Task<auth::SignInAnswer> SecondFactors::complete(Client client, Completion completion) {
  require_one_code(completion);
  const Way way = completion.code ? Way::totp : Way::recovery_code;
  const std::string typed =
      plain_code(completion.code ? completion.code->value : completion.recovery_code->value);

  // What this server has not given, or long ago, costs no query and counts nowhere. The rest counts by challenge and not by
  // address, so that no neighbour keeps anybody from it.
  const auto mark = challenges_.verify(completion.challenge.value);
  std::optional<codes::Live> live;
  if (mark && now() < mark->made_at + codes::kLogin.ttl) {
    net::require_allowed(limiter_.count(Limit::sensitive, net::RateKey::of(UserId{mark->id}),
                                        net::RateLimiter::Clock::now()));
    live = co_await db_.run(codes::attempt(codes::kLogin, mark->id.str()));
  }
  const auto how = live ? enum_from<auth::How>(live->data) : std::nullopt;
  if (!live || live->user != mark->user || !how) {
    count(way, Result::expired);
    throw Error(auth::kCodeExpired);
  }
  const UserId user = mark->user;
  const auto factor = co_await begin_attempt(user, way);
  if (!factor || !factor->confirmed) throw Error(auth::kCodeExpired);  // turned off meanwhile

  const std::string secret = open(user, *factor);
  const auto step = way == Way::totp ? identity::match_totp(secret, typed, now(), factor->last_step)
                                     : std::nullopt;
  const std::string hash = way == Way::totp ? "" : hash_recovery_code(secret, typed);
  auto work = [this, client, user, way, how = *how, challenge = live->id, factor = *factor, step,
               hash](pg::Tx& tx) -> std::optional<auth::SignInAnswer> {
    entrance_.lock(tx, user);
    if (way == Way::recovery_code) {
      if (tx.run(store::spend_code(user, hash)).value == 0) return std::nullopt;
      if (tx.run(store::accept_recovery(user, factor.created_at)).value == 0) return std::nullopt;
      const auto left = tx.run(store::count_codes(user));
      tell(tx, user, "recovery_code_used", {{"left", std::to_string(left)}});
    } else if (!accept_step(tx, user, factor, *step)) {
      return std::nullopt;
    }
    if (tx.run(codes::spend(challenge)).value == 0) throw Error(auth::kCodeExpired);
    return entrance_.complete(tx, client, user, how);
  };
  std::optional<auth::SignInAnswer> answer;
  if (way == Way::recovery_code || step) answer = co_await db_.transaction(std::move(work));
  if (!answer) {
    count(way, Result::wrong);
    auth::log_event("auth_second_factor_failed", user, client);
    throw Error(auth::kInvalidCode);
  }
  count(way, Result::right);
  if (way == Way::recovery_code) auth::log_event("auth_recovery_code_used", user, client);
  co_return std::move(*answer);
}

std::optional<auth::Challenge> SecondFactors::challenge(pg::Tx& tx, const Client& client,
                                                        UserId user, auth::How how) {
  if (!tx.run(store::has_factor(user))) return std::nullopt;
  // A target of its own: several devices may sign in at the same time. The mark says which, and the row's own text is nobody's.
  const std::string text = challenges_.issue(user);
  const codes::Wanted wanted{.target = challenges_.verify(text).value().id.str(),
                             .user = user,
                             .data = std::string(enum_name(how))};
  codes_.make_anyway(tx, codes::kLogin, wanted, client.address);
  return auth::Challenge{text, codes::kLogin.ttl.count()};
}

bool SecondFactors::is_on(pg::Tx& tx, UserId user) {
  return tx.run(store::has_factor(user));
}

void SecondFactors::drop(pg::Tx& tx, const Client& client, UserId user) {
  tx.run(store::forget_enrolment(user));
  if (tx.run(store::remove(user)).value == 0) return;
  audit::write(tx, audit::Actor(user, client), kTurnOff, {{"user", user}}, FactorState{true},
               FactorState{false});
}

void SecondFactors::check_keys() {
  // One of each: a name says nothing about the secret behind it.
  const auto samples = db_.run_blocking([](pg::Tx& tx) {
    std::vector<std::pair<std::string, store::Sealed>> found;
    for (const auto& kid : tx.run(store::list_keys())) {
      for (auto& row : tx.run(store::list_sealed_with(kid, 1))) {
        found.emplace_back(kid, std::move(row));
      }
    }
    return found;
  });
  for (const auto& [kid, row] : samples) {
    if (sealer_.open(row.secret, row.user.str())) continue;
    throw ConfigError(std::string(has_sealing_keys_ ? "auth.sealing_keys" : "auth.keys") +
                      ": secrets of second factors are sealed with the key \"" + kid + "\", " +
                      what_to_do(kid) + ", and take it away after `stoa admin reseal`");
  }
}

std::string SecondFactors::what_to_do(const std::string& kid) const {
  if (sealer_.knows(kid)) {
    return "that has another secret now. Give it back the secret that it had";
  }
  const bool is_of_tokens =
      std::find(token_kids_.begin(), token_kids_.end(), kid) != token_kids_.end();
  if (has_sealing_keys_ && is_of_tokens) {
    return "which stands in auth.keys: these seal where there are no auth.sealing_keys. Add it, "
           "with its secret, to auth.sealing_keys behind the first";
  }
  std::string text = "which is not there. Add it again behind the first";
  if (has_sealing_keys_) text += ", also where it has been one of auth.keys";
  return text;
}

void SecondFactors::bind(Metrics& metrics) {
  constexpr std::array kWayNames = {"totp", "recovery_code"};
  constexpr std::array kResultNames = {"right", "wrong", "expired", "limited"};
  for (std::size_t way = 0; way < kWays; ++way) {
    for (std::size_t result = 0; result < kResults; ++result) {
      counters_[way][result] =
          &metrics.counter("stoa_codes_total", "What became of codes that are good once",
                           {{"purpose", kWayNames[way]}, {"result", kResultNames[result]}});
    }
  }
}

Task<std::optional<Factor>> SecondFactors::begin_attempt(UserId user, Way way) {
  auto factor = co_await db_.run(store::begin_attempt(user, attempts_, wait_));
  if (factor) co_return factor;
  const auto wait = co_await db_.run(store::find_wait(user));
  if (!wait) co_return std::nullopt;
  count(way, Result::limited);
  throw Error(Code::rate_limited, "Too many wrong codes for this account; try again later")
      .retry_after(std::chrono::seconds(*wait));
}

std::string SecondFactors::open(UserId user, const Factor& factor) const {
  auto secret = sealer_.open(factor.sealed_secret, user.str());
  if (!secret) throw std::runtime_error("the secret of a second factor cannot be opened");
  return std::move(*secret);
}

RecoveryCodes SecondFactors::give_codes(pg::Tx& tx, UserId user, std::string_view secret) const {
  RecoveryCodes codes;
  std::vector<std::string> hashes;
  for (std::size_t i = 0; i < recovery_codes_; ++i) {
    codes.recovery_codes.push_back(make_recovery_code());
    hashes.push_back(hash_recovery_code(secret, codes.recovery_codes.back()));
  }
  tx.run(store::add_codes(user, hashes));
  return codes;
}

bool SecondFactors::accept_step(pg::Tx& tx, UserId user, const Factor& factor,
                                std::int64_t step) const {
  std::string sealed = factor.sealed_secret;
  if (factor.sealed_kid != first_key_) sealed = sealer_.seal(open(user, factor), user.str());
  return tx.run(store::accept_step(user, factor.created_at, step, sealed, first_key_)).value > 0;
}

void SecondFactors::tell(pg::Tx& tx, UserId user, const std::string& name,
                         const mail::Values& values) const {
  if (!mailer_.is_on()) return;
  const users::User person = tx.run(users::get_user(user));
  if (!person.email || !person.is_verified) return;  // nobody has shown that it is his
  mailer_.send(tx, {.name = name, .to = *person.email, .locale = person.locale, .values = values});
}

void SecondFactors::count(Way way, Result result) const {
  auto* const counter = counters_[static_cast<std::size_t>(way)][static_cast<std::size_t>(result)];
  if (counter != nullptr) counter->Increment();
}

}  // namespace stoa::second_factor
