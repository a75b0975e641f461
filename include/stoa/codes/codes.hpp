#pragma once
// Codes that are good once and for a while: those of links in mails, and digits that are typed in. PostgreSQL keeps a hash of each. Of
// a purpose and target one is live at a time: the next replaces it.
//
//   if (const auto made = codes_.make(tx, codes::kResetPassword, {.target = email, .user = id}, client.address)) {
//     mailer_.send(tx, {.name = "reset_password", ..., .useless_after = made->expires}, {{"link", link_to(made->text)}});
//   }                                                     // else it has had its share: who asked is answered the same
//
//   const auto live = co_await db_.run(codes::find_link(codes::kResetPassword, token));  // a link
//   const auto live = co_await db_.run(codes::attempt(codes::kLogin, target));           // counts, whatever follows
//   if (!live) throw ...;
//   if (!tx.run(codes::spend(live->id)).value) throw ...;   // in the transaction of the work: another was sooner
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/time.hpp>
#include <stoa/identity/code_hash.hpp>
#include <stoa/jobs/chore.hpp>
#include <stoa/postgres/query.hpp>
#include <stoa/postgres/tx.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stoa::codes {

using CodeId = Id<struct CodeTag>;

struct Purpose {
  std::string_view name;
  std::chrono::seconds ttl;
  int attempts;  // 0: it cannot be guessed, so nobody counts
  int unproven =
      0;  // how many of these anybody has where who asked for the code can show that it was him
};
inline constexpr Purpose kVerifyEmail{"verify_email", std::chrono::hours(24), 0};
inline constexpr Purpose kResetPassword{"reset_password", std::chrono::minutes(10), 0};
inline constexpr Purpose kResetByOperator{"reset_by_operator", std::chrono::hours(1), 0};
inline constexpr Purpose kChangeEmail{"change_email", std::chrono::hours(1), 0};
inline constexpr Purpose kPhone{"phone", std::chrono::minutes(10), 5, 3};
inline constexpr Purpose kLogin{"login", std::chrono::minutes(5), 5};

struct Wanted {
  std::string target;   // of which one is live: an address in small letters, a number, a user's id
  std::string to = {};  // who gets it, where that is not the target
  std::optional<UserId> user = {};
  std::string data = {};                       // what it is good for, up to 254 bytes
  std::optional<std::string> asker_hash = {};  // of an opaque token that who asked for it has
};

struct Made {
  CodeId id;
  std::string text;  // here alone, in no row
  Timestamp expires;
};

struct Live {
  CodeId id;
  std::string target;
  std::optional<UserId> user;
  std::string data;
  std::string hash;
};
BOOST_DESCRIBE_STRUCT(Live, (), (id, target, user, data, hash))

// Immutable, any thread.
class Codes {
 public:
  explicit Codes(const config::Codes& config) : config_(config) {}

  // Replaces the live one of the purpose and target. Empty where who gets it has had his share: then the live
  // one stays. `address`: of the network, from where it was asked for.
  std::optional<Made> make(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                           std::string_view address) const;
  // Whatever was sent before: for an operator, and for what is sent to nobody.
  Made make_anyway(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                   std::string_view address) const;

  // The same of six digits, which `hash` knows again by the row's hash and id.
  Made make_digits(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                   std::string_view address, const identity::CodeHash& hash) const;

  // Something that sends are counted by. Without `most` an address: as many go there as the configuration allows, none a moment after the
  // last. With it many that have that limit together, however soon after another, named by `what`.
  struct Share {
    std::string what;
    std::optional<std::size_t> most = {};
  };
  // Counts something that is sent, without a code, by all of these. False, and nothing is counted, where one of them has had its share.
  // Locks them in that order.
  bool take_shares(pg::Tx& tx, std::span<const Share> shares) const;
  bool take_share(pg::Tx& tx, std::string_view to) const;
  // Counts something that is sent for somebody's sake, to whomever he names. Throws Error{rate_limited}.
  void count_for(pg::Tx& tx, UserId user) const;

  // What has had its day: codes, and sends that no limit counts any more.
  jobs::Chores chores() const;

 private:
  const config::Codes config_;
};

// By the token of a link; empty where there is none that is live.
pg::Query<std::optional<Live>> find_link(const Purpose& purpose, std::string_view token);
// By the target, and by what shows who has asked for it. Counts as an attempt, so it is run by itself and not in a transaction that may be undone.
// Empty where there is none that is live and has attempts left.
pg::Query<std::optional<Live>> attempt(const Purpose& purpose, const std::string& target,
                                       const std::optional<std::string>& asker_hash = {});
// Whether there is a live one that is good for that.
pg::Query<bool> has_live(const Purpose& purpose, const std::string& target,
                         const std::string& data);
// In the transaction of the work that it is good for. No row: somebody was sooner.
pg::Query<pg::Count> spend(CodeId id);
// Those of one purpose.
pg::Query<pg::Count> end(const Purpose& purpose, UserId user);
// Whatever it was good for, it is no more: at a new password, a new address.
pg::Query<pg::Count> end_all(UserId user);

}  // namespace stoa::codes
