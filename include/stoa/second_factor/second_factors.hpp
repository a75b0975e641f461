#pragma once
// Second factors of accounts: codes of an app (TOTP, RFC 6238) and recovery codes for who has lost it. Where an account has one,
// every door of signing in ends in a challenge, which is exchanged for tokens with such a code; sign-ins that are there go on.
//
// A code is good once: the step that was accepted last is in the person's row. Wrong ones are counted there too, for all doors and
// nodes together and before they are compared, and the challenge has a few attempts of its own. The secret is sealed in the
// row; of recovery codes there are hashes that say nothing without it.
//
// Owned by the feature. Members may be called on any thread.
#include <stoa/auth/entrance.hpp>
#include <stoa/codes/codes.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/identity/sealer.hpp>
#include <stoa/identity/user_marks.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/postgres/database.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::second_factor {

struct CodeGiven;
struct Completion;
struct Enrolment;
struct Factor;
struct RecoveryCodes;
struct Standing;

class SecondFactors final : public auth::SecondFactor {
 public:
  SecondFactors(pg::Database& db, auth::Entrance& entrance, const mail::Mailer& mailer,
                net::RateLimiter& limiter, const Config& all);

  // A secret for the app, which is none of the account's until a code of it has come.
  Task<Enrolment> enrol(Caller caller);
  // Ends all other sign-ins. The recovery codes are shown here alone.
  Task<RecoveryCodes> confirm(Caller caller, CodeGiven given);
  // New ones in place of those before.
  Task<RecoveryCodes> renew_recovery_codes(Caller caller);
  Task<Standing> standing(Caller caller);
  Task<> remove(Caller caller);
  // The second half of signing in.
  Task<auth::SignInAnswer> complete(Client client, Completion completion);

  std::optional<auth::Challenge> challenge(pg::Tx& tx, const Client& client, UserId user,
                                           auth::How how) override;
  bool is_on(pg::Tx& tx, UserId user) override;
  void drop(pg::Tx& tx, const Client& client, UserId user) override;

  // Throws ConfigError where a secret is sealed with a key that is not configured: its owner could not sign in.
  void check_keys();
  void bind(Metrics& metrics);

 private:
  enum class Way { totp, recovery_code };
  enum class Result { right, wrong, expired, limited };
  static constexpr std::size_t kWays = 2, kResults = 4;

  // Counts an attempt of the person. Empty where there is no such factor; throws Error{rate_limited}.
  Task<std::optional<Factor>> begin_attempt(UserId user, Way way);
  std::string open(UserId user, const Factor& factor) const;
  // For an operator, about a key that does not open what it has sealed.
  std::string what_to_do(const std::string& kid) const;
  RecoveryCodes give_codes(pg::Tx& tx, UserId user, std::string_view secret) const;
  // False where the code is none of that factor's any more.
  bool accept_step(pg::Tx& tx, UserId user, const Factor& factor, std::int64_t step) const;
  void tell(pg::Tx& tx, UserId user, const std::string& name,
            const mail::Values& values = {}) const;
  void count(Way way, Result result) const;

  pg::Database& db_;
  auth::Entrance& entrance_;
  const mail::Mailer& mailer_;
  net::RateLimiter& limiter_;
  const identity::Sealer sealer_;
  const bool has_sealing_keys_;                // else the keys of tokens seal
  const std::vector<std::string> token_kids_;  // of the keys of tokens
  const std::string first_key_;                // its name
  const identity::UserMarks challenges_;       // the marks that they are
  const codes::Codes codes_;
  const std::string issuer_;
  const std::size_t recovery_codes_;
  const std::size_t attempts_;
  const Duration wait_;
  std::array<std::array<metrics::Counter*, kResults>, kWays>
      counters_{};  // as they are after bind()
};

http::Routes second_factor_routes(SecondFactors& second_factors);

}  // namespace stoa::second_factor
