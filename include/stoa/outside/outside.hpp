#pragma once
// Signing in with an ID token of an issuer that the configuration names (docs/adr/0028-identity-from-outside.md): the route that answers our own
// tokens, and such tokens as access tokens where a provider is `direct`. Owned by the feature, any shard.
//
// Somebody is known by issuer and subject. An address links such an identity to an account that is there only where both sides have
// it confirmed; an account whose address nobody has confirmed first loses all that its maker could come back by.
#include <stoa/auth/entrance.hpp>
#include <stoa/auth/foreign_tokens.hpp>
#include <stoa/auth/sign_ins.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/http/route.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/oidc/provider.hpp>
#include <stoa/outside/outside_config.hpp>
#include <stoa/postgres/database.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace stoa::outside {

struct IdentityPath;
struct IdentityView;
struct NewIdentity;
struct OidcSignIn;
class Accounts;
class RememberedTokens;

class Outside final : public auth::ForeignTokens, public auth::AccountWatcher {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    auth::Entrance& entrance;
    net::RateLimiter& limiter;
    net::Runtime& runtime;
    fetch::Fetcher& fetch;
    const mail::Mailer& mailer;
  };
  Outside(Parts parts, const OidcConfig& config);
  ~Outside() override;

  Task<auth::SignInAnswer> sign_in(Client client, OidcSignIn request);

  // By hand: whoever is signed in has shown who he is here, and the token who he is there. No address counts for that.
  Task<Page<IdentityView>> list_identities(Caller caller);
  Task<IdentityView> add_identity(Caller caller, NewIdentity wanted);
  // Signs out all others. Throws Error{LAST_WAY_IN} where nothing else would let its owner in.
  Task<> remove_identity(Caller caller, IdentityPath path);

  // auth::ForeignTokens, of the providers that are direct
  std::optional<Shown> recall(const std::string& token) const noexcept override;
  bool may_be(const std::string& token) const noexcept override;
  Task<Shown> judge(std::string token, Client client) override;
  Task<std::optional<UserId>> find_subject(std::string subject) override;

  // auth::AccountWatcher
  void registered(pg::Tx&, const users::User&, const Client&) override {}
  void password_changed(pg::Tx&, UserId) override {}
  // What somebody has begun elsewhere before does not begin a sign-in here that was not there yet.
  void signed_out(pg::Tx& tx, UserId user) override;
  // An identity of who had the account before its owner was known would let him in again. It is another's account, so that the
  // row goes, and whoever it is of may link it to his own.
  void claimed(pg::Tx& tx, UserId user, const Client& client) override;
  void add_doors(auth::Doors& open) const override;

  bool takes_direct() const noexcept;
  // Fetches all keys; what fails is tried again by who asks for them.
  void prepare();
  void stop();
  // Before the server runs.
  void bind(Metrics& metrics);

 private:
  enum class Result { good, refused, unavailable };
  static constexpr std::size_t kResults = 3;
  struct Door;

  // Throws Error{invalid_fields}.
  Door& door_named(const std::string& name) const;
  Door* direct_door(const oidc::Said& said) const;
  Task<auth::SignInAnswer> let_in(Client client, OidcSignIn request);
  // Throws as Provider::verify does, and counts and logs how it ended.
  Task<oidc::Claims> verify(Door& door, std::string token, std::optional<std::string> nonce,
                            Client client);
  // Of who has shown such a token. Throws Error{rate_limited}.
  void count_person(const oidc::Claims& claims);
  template <class Work>
  Task<std::invoke_result_t<Work&, pg::Tx&>> again_where_late(Work work);
  void tell(pg::Tx& tx, UserId user, const char* mail, const std::string& provider) const;
  // Counts it and throws it, or Error{rate_limited} where there were too many.
  [[noreturn]] void refuse(const Client& client, const std::exception_ptr& why);

  Parts parts_;
  const std::size_t max_identities_;
  WorkerPool workers_;
  std::vector<std::unique_ptr<Door>> doors_;
  const std::unique_ptr<Accounts> accounts_;
  const std::unique_ptr<RememberedTokens> remembered_;
};

http::Routes outside_routes(Outside& outside);

}  // namespace stoa::outside
