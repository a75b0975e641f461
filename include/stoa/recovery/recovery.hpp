#pragma once
// How people show that an address is theirs, and get back into an account whose password they have forgotten: by links in mails,
// each good once and for a while (<stoa/codes/codes.hpp>). A link is the page's, with its token behind the #, which no server
// sees; opening it does nothing, the page asks first. Owned by the feature, any shard.
//
// Whoever asks for a link learns nothing about the account: the answer is the same whether there is one, and whether
// its address has had its share of mails. Nothing is looked up before that answer.
#include <stoa/auth/entrance.hpp>
#include <stoa/auth/sign_ins.hpp>
#include <stoa/codes/codes.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/recovery/recovery_config.hpp>
#include <stoa/users/accounts.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace stoa::recovery {

struct Accepted;
struct ForgottenPassword;
struct Forgotten;
struct Reset;
struct WasReset;
struct Verification;
struct Verified;
struct NewAddress;
struct Resent;
class LinkMarks;

class Recovery final : public auth::AccountWatcher {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    jobs::Queue& jobs;
    const codes::Codes& codes;
    const mail::Mailer& mailer;
    auth::SignIns& sign_ins;
    auth::Entrance& entrance;
    const LinkMarks& marks;
    net::RateLimiter& limiter;
  };

  Recovery(Parts parts, const RecoveryConfig& config, std::string public_url);

  Task<Accepted> forgot(Client client, Forgotten forgotten);
  Task<WasReset> reset(Client client, Reset reset);
  // Of the address that the account has, or is to have.
  Task<Verified> verify(Client client, Verification verification);
  Task<Resent> resend(Caller caller);
  Task<Accepted> change_email(Caller caller, NewAddress wanted);
  // What forgot() leaves to do.
  Task<> send_reset(ForgottenPassword job, jobs::Attempt attempt);

  void registered(pg::Tx& tx, const users::User& user, const Client& client) override;
  // No address takes the place of the account's that was asked for before, no sign-in that was begun with the one before goes on, and an address
  // that is confirmed is told: nobody fills the mailbox of a stranger whose address he registered with.
  void password_changed(pg::Tx& tx, UserId user) override;
  // No address takes the place of the account's that was asked for before.
  void signed_out(pg::Tx& tx, UserId user) override;
  void claimed(pg::Tx&, UserId, const Client&) override {}
  void add_doors(auth::Doors& open) const override;

  // Before the server runs.
  void bind(Metrics& metrics);

 private:
  enum class Result { sent, limited, right, wrong };
  static constexpr std::size_t kResults = 4;
  static constexpr std::size_t kPurposes = 4;

  struct Found {
    codes::Live live;
    const codes::Purpose* purpose;
  };

  void require_mail() const;
  // A link of one of the two purposes. What this server has given counts by itself, all else by its address, and only where it
  // is refused. Throws Error{CODE_EXPIRED | rate_limited}.
  Task<Found> find(Client client, std::string text, const codes::Purpose& one,
                   const codes::Purpose& other) const;
  void send_reset_to(pg::Tx& tx, const ForgottenPassword& job) const;
  // False where the address has had its share.
  bool send_verification(pg::Tx& tx, const users::Account& account,
                         const std::string& address) const;
  void send_change(pg::Tx& tx, const users::Account& account, const std::string& wanted,
                   const std::string& address) const;
  void change_address(pg::Tx& tx, const users::Account& account, const std::string& wanted,
                      const Client& client) const;
  // Of an account that may still be recovered, locked. Throws Error{CODE_EXPIRED | suspended}.
  users::Account lock_account_of(pg::Tx& tx, const codes::Live& live) const;
  // Throws Error{CODE_EXPIRED} where somebody was sooner.
  void spend(pg::Tx& tx, const codes::Purpose& purpose, const codes::Live& live) const;
  [[noreturn]] void refuse(const codes::Purpose& purpose) const;
  std::string link(std::string_view page, const std::string& token) const;
  void count(const codes::Purpose& purpose, Result result) const;
  // With the commit.
  void count(pg::Tx& tx, const codes::Purpose& purpose, Result result) const;

  const Parts parts_;
  const std::string public_url_;
  const std::array<codes::Purpose, kPurposes> purposes_;
  const codes::Purpose& verify_email_ = purposes_[0];
  const codes::Purpose& reset_password_ = purposes_[1];
  const codes::Purpose& change_email_ = purposes_[2];
  const codes::Purpose& reset_by_operator_ = purposes_[3];
  std::array<std::array<metrics::Counter*, kResults>, kPurposes> counters_{};
};

http::Routes recovery_routes(Recovery& recovery);

}  // namespace stoa::recovery
