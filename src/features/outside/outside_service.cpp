#include "features/outside/accounts.hpp"
#include "features/outside/outside_audit.hpp"
#include "features/outside/outside_codes.hpp"
#include "features/outside/outside_store.hpp"
#include "features/outside/outside_types.hpp"
#include "features/outside/remembered_tokens.hpp"

#include <stoa/core/issues.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/outside/outside.hpp>
#include <stoa/users/users_codes.hpp>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace stoa::outside {
namespace {

// "http" alone has to be named (fetch/fetcher.hpp): it is the operator's own.
std::vector<std::string> hosts_of(const oidc::KeySource& source) {
  std::vector<std::string> hosts{"*"};  // a discovery document says where the keys are
  for (const auto* url : {&source.discovery_url, &source.jwks_url}) {
    if (!url->empty()) hosts.push_back(*url);
  }
  return hosts;
}

// The same for every token of one sign-in there. As old as that, so that a list of sign-ins sorts by age (RFC 9562 section 5.8).
AuthSessionId session_of(const oidc::Claims& claims) {
  const auto began = std::chrono::floor<std::chrono::milliseconds>(claims.began_at());
  const auto ms = static_cast<std::uint64_t>(began.time_since_epoch().count());
  const std::string hash = identity::sha256("stoa outside sign-in\n" + claims.issuer + '\n' +
                                            claims.subject + '\n' + std::to_string(ms));
  AuthSessionId id;
  auto& bytes = id.uuid.bytes;
  std::memcpy(bytes.data(), hash.data(), bytes.size());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  bytes[6] = (bytes[6] & 0x0F) | 0x80;  // version 8
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  return id;
}

// Of a person there, whatever account that leads to.
net::RateKey key_of(const oidc::Claims& claims) {
  const std::string hash = identity::sha256(claims.issuer + '\n' + claims.subject);
  UserId key;
  std::memcpy(key.uuid.bytes.data(), hash.data(), key.uuid.bytes.size());
  return net::RateKey::of(key);
}

}  // namespace

struct Outside::Door {
  Door(const Parts& parts, WorkerPool& workers, const Plan& plan, const oidc::KeyOptions& options)
      : provider(parts.runtime,
                 parts.fetch.client({.name = "oidc_" + plan.keys.name,
                                     .hosts = hosts_of(plan.keys),
                                     .may_go_inside = true}),
                 workers, plan.keys, plan.rules, options),
        trust_email(plan.trust_email),
        direct(plan.direct) {}

  oidc::Provider provider;
  const bool trust_email;
  const bool direct;
  std::array<metrics::Counter*, kResults> counters{};
};

Outside::Outside(Parts parts, const OidcConfig& config)
    : parts_(parts),
      max_identities_(config.max_identities),
      workers_(config.provider.empty() ? 0 : config.threads, config.queue),
      accounts_(std::make_unique<Accounts>(parts.entrance, parts.limiter, parts.mailer)),
      remembered_(std::make_unique<RememberedTokens>(config.remembered)) {
  for (const auto& provider : config.provider) {
    doors_.push_back(
        std::make_unique<Door>(parts_, workers_, plan_of(provider), key_options(config)));
  }
}

Outside::~Outside() = default;

Task<auth::SignInAnswer> Outside::sign_in(Client client, OidcSignIn request) {
  std::exception_ptr refused;
  auth::SignInAnswer answer;
  try {
    Client asking = client;
    answer = co_await let_in(std::move(asking), std::move(request));
  } catch (const Error&) {
    refused = std::current_exception();
  }
  if (refused) refuse(client, refused);
  co_return answer;
}

Task<auth::SignInAnswer> Outside::let_in(Client client, OidcSignIn request) {
  Door& door = door_named(request.provider.value);
  std::optional<std::string> nonce;
  if (request.nonce) nonce = std::move(request.nonce->value);
  Client asking = client;
  auto claims =
      co_await verify(door, std::move(request.id_token.value), std::move(nonce), std::move(asking));
  count_person(claims);
  const auto who = std::make_shared<const Known>(std::move(claims), door.provider.name(),
                                                 door.trust_email, request.full_name);
  auto work = [this, client, who](pg::Tx& tx) -> std::optional<auth::SignInAnswer> {
    const Person person = accounts_->find(tx, client, *who);
    if (!person.admits) return std::nullopt;
    return parts_.entrance.open_locked(tx, client, person.user, auth::How::outside,
                                       who->claims.began_at());
  };
  std::optional<auth::SignInAnswer> answer = co_await again_where_late(std::move(work));
  if (!answer) throw oidc::Refused("older than signing out everywhere");
  co_return std::move(*answer);
}

void Outside::claimed(pg::Tx& tx, UserId user, const Client& client) {
  const auto views = tx.run(store::list_views(user));
  tx.run(store::delete_identities(user));
  for (const IdentityView& was : views) {
    audit::write(tx, audit::Actor(user, client), kUnlink, {{"user", user}},
                 Linked{was.provider.value_or(was.issuer)}, audit::kNothing);
  }
}

void Outside::add_doors(auth::Doors& open) const {
  for (const auto& door : doors_) {
    if (door->provider.has_tenants()) {
      open.providers.push_back(door->provider.name());
    } else {
      open.issuers.push_back(door->provider.issuer());
    }
  }
}

Task<IdentityView> Outside::add_identity(Caller caller, NewIdentity wanted) {
  Door& door = door_named(wanted.provider.value);
  co_await parts_.entrance.require_fresh(caller);
  std::optional<std::string> nonce;
  if (wanted.nonce) nonce = std::move(wanted.nonce->value);
  Client asking = *caller.client;
  oidc::Claims claims;
  try {
    claims = co_await verify(door, std::move(wanted.id_token.value), std::move(nonce),
                             std::move(asking));
  } catch (const oidc::Refused&) {
    throw Error(kIdTokenRefused);
  }
  auto work = [this, caller, issuer = claims.issuer, subject = claims.subject,
               provider = door.provider.name()](pg::Tx& tx) {
    const UserId user = caller.user;
    parts_.entrance.lock(tx, user);
    parts_.entrance.require_fresh(tx, caller);
    const auto known = tx.run(store::find_identity(issuer, subject));
    if (known && !known->is_removed) {
      if (known->user != user) throw Error(kIdentityTaken);
      return require_found(tx.run(store::find_view(user, known->id)));  // done before
    }
    parts_.entrance.require_confirmed_address(tx, user);
    if (tx.run(store::list_views(user)).size() >= max_identities_) {
      throw Error(kTooManyIdentities);
    }
    std::optional<IdentityView> view;
    if (known) {
      view = tx.run(store::give_identity(known->id, user, provider));
      if (!view) throw Error(Code::conflict);  // somebody else was quicker
    } else {
      view = tx.run(store::add_identity(user, issuer, subject, provider));
    }
    audit::write(tx, caller, kLink, {{"user", user}}, audit::kNothing, Linked{provider});
    tell(tx, user, "identity_added", provider);
    return std::move(*view);
  };
  IdentityView view = co_await again_where_late(std::move(work));
  co_return view;
}

std::optional<Outside::Shown> Outside::recall(const std::string& token) const noexcept {
  try {
    return remembered_->find(token);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool Outside::may_be(const std::string& token) const noexcept {
  try {
    const auto said = oidc::said_in(token);
    return said && direct_door(*said) != nullptr;
  } catch (const std::exception&) {
    return false;
  }
}

Task<Outside::Shown> Outside::judge(std::string token, Client client) {
  if (const auto known = remembered_->find(token)) co_return *known;
  const auto said = oidc::said_in(token);
  Door* const door = said ? direct_door(*said) : nullptr;
  if (door == nullptr) throw Error(Code::invalid_token);
  std::string text = token;
  Client asking = client;
  auto claims = co_await verify(*door, std::move(text), std::nullopt, std::move(asking));
  count_person(claims);
  const auto who =
      std::make_shared<const Known>(std::move(claims), door->provider.name(), door->trust_email);
  const auth::OutsideSignIn sign_in{session_of(who->claims), who->claims.began_at(),
                                    *who->claims.expires_at + oidc::kLeeway};
  auto work = [this, client, who, sign_in](pg::Tx& tx) {
    const Person person = accounts_->find(tx, client, *who);
    // One that is there already says itself whether it stands.
    parts_.entrance.keep_outside(tx, client, person.user, sign_in, person.admits);
    return person.user;
  };
  const UserId user = co_await again_where_late(std::move(work));
  // Also where that sign-in was ended here: the next request with the token is refused by a look.
  const Shown shown{user, sign_in.id, sign_in.until};
  remembered_->put(token, shown);
  co_return shown;
}

Task<std::optional<UserId>> Outside::find_subject(std::string subject) {
  std::vector<std::string> issuers;
  for (const auto& door : doors_) {
    if (door->direct) issuers.push_back(door->provider.issuer());
  }
  auto finding = store::find_owner(issuers, subject);
  const auto owner = co_await parts_.db.run(std::move(finding));
  co_return owner;
}

void Outside::signed_out(pg::Tx& tx, UserId user) {
  tx.run(store::refuse_older(user));
}

bool Outside::takes_direct() const noexcept {
  return std::any_of(doors_.begin(), doors_.end(), [](const auto& door) { return door->direct; });
}

void Outside::prepare() {
  for (const auto& door : doors_) door->provider.keys().prepare();
}

void Outside::stop() {
  for (const auto& door : doors_) door->provider.keys().stop();
  workers_.stop();
}

void Outside::bind(Metrics& metrics) {
  if (doors_.empty()) return;
  constexpr std::array<const char*, kResults> kNames = {"good", "refused", "unavailable"};
  observe_workers(metrics, workers_, "id_tokens");
  metrics.observe("stoa_oidc_remembered", "ID tokens that were found good and are remembered",
                  [this] { return static_cast<double>(remembered_->size()); });
  for (const auto& door : doors_) {
    const std::string& name = door->provider.name();
    for (std::size_t i = 0; i < kResults; ++i) {
      door->counters[i] = &metrics.counter("stoa_oidc_tokens_total", "ID tokens that were judged",
                                           {{"provider", name}, {"result", kNames[i]}});
    }
    metrics.observe("stoa_oidc_keys", "Keys of the provider that are known",
                    [&keys = door->provider.keys()] { return static_cast<double>(keys.size()); },
                    {{"provider", name}});
    metrics.observe_total(
        "stoa_oidc_fetches_total", "How often they were fetched",
        [&keys = door->provider.keys()] { return static_cast<double>(keys.fetches()); },
        {{"provider", name}});
  }
}

Outside::Door& Outside::door_named(const std::string& name) const {
  for (const auto& door : doors_) {
    if (door->provider.name() == name) return *door;
  }
  Issues issues;
  issues.enter("provider");
  issues.add("unknown_provider", "No such provider is configured");
  issues.raise();
}

Outside::Door* Outside::direct_door(const oidc::Said& said) const {
  for (const auto& door : doors_) {
    if (door->direct && door->provider.is_of(said.issuer, said.tenant)) return door.get();
  }
  return nullptr;
}

Task<oidc::Claims> Outside::verify(Door& door, std::string token, std::optional<std::string> nonce,
                                   Client client) {
  const auto count = [&door](Result result) {
    auto* const counter = door.counters[static_cast<std::size_t>(result)];
    if (counter != nullptr) counter->Increment();
  };
  try {
    oidc::IdToken read = oidc::read_id_token(token);
    Client asking = client;
    auto claims =
        co_await door.provider.verify(std::move(read), std::move(nonce), std::move(asking));
    count(Result::good);
    co_return claims;
  } catch (const oidc::Refused& refused) {
    count(Result::refused);
    log::info("oidc_refused", {{"provider", door.provider.name()},
                               {"reason", refused.why},
                               {"client", client.address},
                               {"requestId", client.request_id}});
    throw;
  } catch (const Error&) {
    count(Result::unavailable);
    throw;
  }
}

// Known to be right, and before the database is asked anything.
void Outside::count_person(const oidc::Claims& claims) {
  net::require_allowed(
      parts_.limiter.count(Limit::identity, key_of(claims), net::RateLimiter::Clock::now()));
}

// Of several who come at once with what is not there yet one makes it, and the others find it.
template <class Work>
Task<std::invoke_result_t<Work&, pg::Tx&>> Outside::again_where_late(Work work) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    bool is_late = false;
    try {
      Work copy = work;
      auto done = co_await parts_.db.transaction(std::move(copy));
      co_return done;
    } catch (const pg::UniqueViolation&) {
      is_late = attempt < kAttempts;
      if (!is_late) throw;
    } catch (const Error& error) {
      const bool was_sooner = error.code() == users::kEmailTaken || error.code() == Code::conflict;
      is_late = attempt < kAttempts && was_sooner;
      if (!is_late) throw;
    }
  }
}

// A right token is never kept out by the wrong ones of its address.
void Outside::refuse(const Client& client, const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const Error& error) {
    const bool is_fault = error.code().http_status >= 500 || error.code() == Code::rate_limited;
    if (is_fault) throw;
    net::require_allowed(parts_.limiter.count(Limit::sensitive,
                                              net::RateKey::of_address(client.address),
                                              net::RateLimiter::Clock::now()));
    throw;
  }
}

}  // namespace stoa::outside
