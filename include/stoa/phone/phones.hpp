#pragma once
// Signing in by a code that is sent to one's telephone, and the number that an account has. Owned by the feature, any shard.
//
// Whoever wants a code is answered the same, whatever is known of the number and however many messages it has had: what there is
// to be done, a job sees. A code is checked by who made it: by the hash in its row, or by the provider in the same request. Either
// way its row counts the attempts before they are looked at, and only a number that a code was sent to is asked for anywhere. Some of the
// attempts are for who shows the challenge that he was answered when he asked for the code.
#include <stoa/auth/entrance.hpp>
#include <stoa/codes/codes.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/http/route.hpp>
#include <stoa/identity/code_hash.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/phone/phone_config.hpp>
#include <stoa/postgres/database.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace stoa::phone {

struct CodeAccepted;
struct CodeWanted;
struct OwnPhone;
struct PhoneEntry;
struct PhoneNumber;
struct PhoneStanding;
struct SendPhoneCode;
class Twilio;

class Phones final : public auth::AccountWatcher {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    jobs::Queue& jobs;
    const mail::Mailer& mailer;
    auth::Entrance& entrance;
    net::RateLimiter& limiter;
  };

  Phones(Parts parts, std::unique_ptr<Twilio> twilio, const Config& all);
  ~Phones() override;

  Task<CodeAccepted> send_otp(Client client, CodeWanted wanted);
  // Signs in, and makes the account where none has the number.
  Task<auth::SignInAnswer> verify(Client client, PhoneEntry entry);
  Task<PhoneStanding> standing(Caller caller);
  // The number is the caller's, by a code that went there; in place of the one before, and no longer that of an account which
  // did not confirm it for phone.recycled_after and has another way in.
  Task<PhoneStanding> set_own(Caller caller, OwnPhone wanted);
  Task<> remove_own(Caller caller);
  // What send_otp() leaves to do.
  Task<> send(SendPhoneCode job, jobs::Attempt attempt);

  void registered(pg::Tx&, const users::User&, const Client&) override {}
  void password_changed(pg::Tx&, UserId) override {}
  void signed_out(pg::Tx&, UserId) override {}
  // A number of who had the account before its owner was known would let him in again.
  void claimed(pg::Tx& tx, UserId user, const Client& client) override;
  void add_doors(auth::Doors& open) const override;

  // Before the server runs.
  void bind(Metrics& metrics);

 private:
  enum class Result { sent, limited, right, wrong, expired, failed };
  static constexpr std::size_t kResults = 6;

  void require_on() const;
  bool may_get_messages(const PhoneNumber& phone) const;
  // The entry of phone.countries that the number begins with, the longest; empty where there is none.
  std::string country_of(const PhoneNumber& phone) const;
  // False where the number, who asks, its block, its country or all together have had their share.
  bool take_shares(pg::Tx& tx, const SendPhoneCode& job) const;
  // The digits to be sent, empty where the provider makes them; none where nothing is to be sent.
  std::optional<std::string> make_code(pg::Tx& tx, const SendPhoneCode& job,
                                       const jobs::Attempt& attempt) const;
  // Counts an attempt. Throws Error{CODE_EXPIRED | rate_limited | PHONE_UNAVAILABLE | `wrong`}.
  Task<codes::Live> prove(PhoneNumber phone, std::string typed,
                          std::optional<std::string> challenge, Code wrong) const;
  void spend(pg::Tx& tx, const codes::Live& live) const;
  // Of another account that has the number and would not be let in by it any more: carriers give numbers to others. Locks the rows of
  // both. Empty where nobody has to give way.
  std::optional<UserId> lock_with_stale_holder(pg::Tx& tx, UserId user,
                                               const PhoneNumber& phone) const;
  void take_from(pg::Tx& tx, const Caller& caller, UserId holder) const;
  UserId create(pg::Tx& tx, const Client& client, const PhoneEntry& entry) const;
  void tell(pg::Tx& tx, UserId user) const;
  void count(Result result) const;

  const Parts parts_;
  const std::unique_ptr<Twilio> twilio_;
  const PhoneConfig config_;
  const codes::Codes codes_;
  const identity::CodeHash hash_;
  const std::string locale_;
  std::array<metrics::Counter*, kResults> counters_{};  // as they are after bind()
};

http::Routes phone_routes(Phones& phones);

}  // namespace stoa::phone
