#pragma once
// Mails to people, as other features send them: in the transaction that causes one, so that it goes exactly if that is
// committed, and later, by a job, so that no request waits for a mail server.
//
//   auto& mailer = on.services.need<mail::Mailer>();
//   mailer.send(tx, {.name = "reset_password", .to = email, .locale = user.locale, .values = {{"minutes", "10"}},
//                    .useless_after = expires}, {{"link", link}});
//
// A mail of a new kind is six files in mail/ and nothing else. What a person wrote (a name, a title) has no place in one that
// goes to an address which nobody has confirmed: it would be sent to whomever somebody likes, in this server's name.
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/time.hpp>
#include <stoa/identity/sealer.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/mail/composer.hpp>
#include <stoa/mail/mail_config.hpp>
#include <stoa/smtp/sender.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace stoa::mail {

struct Mail {
  std::string name;  // of its template
  std::string to;    // an account's address
  std::string locale;
  Values values = {};
  std::optional<Timestamp> useless_after =
      {};  // what is in it is good until then: later it is not sent
};

struct SendMail;  // the job's payload

// Owned by the feature. Any thread.
class Mailer {
 public:
  // Throws ConfigError where the templates are none, which check() has looked at before.
  Mailer(jobs::Queue& queue, const Config& all);
  ~Mailer();
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;

  // False where there is no mail server: then send() does nothing.
  bool is_on() const noexcept { return way_ != Way::off; }
  // `secret`: values that the job's row does not show, such as a link that lets somebody in. Throws std::invalid_argument where
  // there is no such template or one of its values is missing.
  void send(pg::Tx& tx, const Mail& mail, const Values& secret = {}) const;

  jobs::Handlers handlers();
  void bind(Metrics& metrics);
  void stop();

 private:
  enum class Result { sent, failed, refused, late };

  Task<> deliver(SendMail job, jobs::Attempt attempt) const;
  Task<> pass_on(SendMail job, std::string message, Values secret) const;
  std::optional<Values> open(const SendMail& job) const;
  void count(const std::string& name, Result result) const;

  jobs::Queue& queue_;
  const Way way_;
  const jobs::Policy policy_;
  const identity::Sealer sealer_;
  const Composer composer_;
  const std::unique_ptr<smtp::Sender> sender_;  // with a mail server alone
  std::map<std::pair<std::string, Result>, metrics::Counter*>
      counters_;  // as they are after bind()
  metrics::Histogram* seconds_ = nullptr;
};

}  // namespace stoa::mail
