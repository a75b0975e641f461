#pragma once
// Somebody who says who people are: an issuer of ID tokens, its rules and its keys. Owned by a feature, safe on any thread; answers
// on the caller's executor. Signatures are verified on the given pool, where addresses take turns.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/oidc/id_token.hpp>
#include <stoa/oidc/key_set.hpp>

#include <optional>
#include <string>

namespace stoa::oidc {

class Provider {
 public:
  // The first of the rules' issuers is the one that identities are kept by. All of it outlives it.
  Provider(net::Runtime& runtime, fetch::Client client, WorkerPool& workers, KeySource source,
           Rules rules, KeyOptions options);

  const std::string& name() const noexcept { return name_; }
  const std::string& issuer() const noexcept { return rules_.issuers.front(); }
  // Whether issuer() stands for those of many tenants, by which their identities are kept.
  bool has_tenants() const { return is_of_tenants(issuer()); }
  // Whether a token that says so is one of this provider's.
  bool is_of(const std::string& issuer, const std::string& tenant) const {
    return is_issuer(rules_, issuer, tenant);
  }
  // What can be told by looking is told first, then the key is found, then the signature is verified. Throws Refused,
  // Error{kProviderUnavailable | overloaded | shutting_down}.
  Task<Claims> verify(IdToken token, std::optional<std::string> nonce, Client client);

  KeySet& keys() noexcept { return keys_; }
  const KeySet& keys() const noexcept { return keys_; }

 private:
  const std::string name_;
  const Rules rules_;
  WorkerPool& workers_;
  KeySet keys_;
};

}  // namespace stoa::oidc
