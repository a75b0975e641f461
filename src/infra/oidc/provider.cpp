#include <stoa/net/turns.hpp>
#include <stoa/oidc/provider.hpp>

#include <utility>

namespace stoa::oidc {

Provider::Provider(net::Runtime& runtime, fetch::Client client, WorkerPool& workers,
                   KeySource source, Rules rules, KeyOptions options)
    : name_(source.name),
      rules_(std::move(rules)),
      workers_(workers),
      keys_(runtime, client, std::move(source), options) {}

Task<Claims> Provider::verify(IdToken token, std::optional<std::string> nonce, Client client) {
  check(token, rules_, nonce);
  const Algorithm algorithm = *token.algorithm;
  std::string kid = token.kid;
  const PublicKeyPtr key = co_await keys_.find(std::move(kid), algorithm);
  if (!key) throw Refused("kid is unknown");
  const TurnKey turn = net::turn_of(client, token.claims.subject);
  auto work = [key, algorithm, bytes = std::move(token.signed_part),
               signature = std::move(token.signature)] {
    return key->verify(algorithm, bytes, signature);
  };
  const bool is_good = co_await workers_.run_for(turn, std::move(work));
  if (!is_good) throw Refused("the signature is not the issuer's");
  // Several names of one issuer are one.
  const std::string& issuer = rules_.issuers.front();
  if (token.claims.issuer != issuer && issuer.find('{') == std::string::npos) {
    token.claims.issuer = issuer;
  }
  co_return std::move(token.claims);
}

}  // namespace stoa::oidc
