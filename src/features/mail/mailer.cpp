#include "features/mail/mail_job.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/jobs/operate.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/mail/operate.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace stoa::mail {
namespace {

constexpr std::string_view kKind = "send_mail";
constexpr std::array<std::string_view, 4> kResults = {"sent", "failed", "refused", "late"};

// What is sealed for one mail is nothing in the row of another.
std::string seal_of(const std::string& name, const std::string& to) {
  return name + "\n" + to;
}

std::vector<Value> listed(const Values& values) {
  std::vector<Value> out;
  for (const auto& [name, value] : values) out.push_back({name, value});
  return out;
}

void add_to(Values& values, const std::vector<Value>& more) {
  for (const Value& value : more) values[value.name] = value.value;
}

void require_values(const Templates& templates, const Mail& mail, const Values& secret) {
  for (const auto& name : templates.variables(mail.name)) {
    if (mail.values.contains(name) || secret.contains(name)) continue;
    throw std::invalid_argument("the mail \"" + mail.name + "\" has no " + name);
  }
}

std::unique_ptr<smtp::Sender> sender_for(const Config& all) {
  if (way_of(all) != Way::smtp) return nullptr;
  return std::make_unique<smtp::Sender>(sender_options(all));
}

// Of a mail server that quotes what it refuses, in letters of its own size.
void leave_out(std::string& text, std::string_view value) {
  if (value.empty()) return;
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto is_same = [&](char a, char b) { return small(a) == small(b); };
  std::string out;
  auto from = text.cbegin();
  while (true) {
    const auto at = std::search(from, text.cend(), value.begin(), value.end(), is_same);
    out.append(from, at);
    if (at == text.cend()) break;
    out += "...";
    from = at + static_cast<std::ptrdiff_t>(value.size());
  }
  text = std::move(out);
}

std::string reason_of(const smtp::Answer& answer) {
  if (answer.trouble == smtp::Trouble::untrusted) {
    return answer.text + ". " + std::string(help_for(answer.trouble));
  }
  if (answer.code == 0) return "no mail server: " + answer.text;
  return "the mail server says: " + answer.text;
}

}  // namespace

// An attempt waits for a thread behind others that may all take their time.
Mailer::Mailer(jobs::Queue& queue, const Config& all)
    : queue_(queue),
      way_(way_of(all)),
      policy_{.time_limit = std::max<Duration>(all.jobs.time_limit,
                                               10 * all.section<MailConfig>().time_limit)},
      sealer_(auth::sealing_keys(all.section<auth::AuthConfig>()), "stoa mail"),
      composer_(all),
      sender_(sender_for(all)) {}

Mailer::~Mailer() = default;

bool send_later(pg::Tx& tx, const Config& all, const Mail& mail) {
  if (way_of(all) == Way::off) return false;
  require_values(Composer(all).templates(), mail, {});
  const SendMail job{mail.name, mail.to, mail.locale, listed(mail.values), {}, mail.useless_after};
  jobs::enqueue(tx, jobs::Kind<SendMail>{kKind}, job);
  return true;
}

void Mailer::send(pg::Tx& tx, const Mail& mail, const Values& secret) const {
  if (!is_on()) {
    log::warn("mail_off", {{"kind", mail.name}, {"reason", "mail.url is not set"}});
    return;
  }
  require_values(composer_.templates(), mail, secret);
  SendMail job{mail.name, mail.to, mail.locale, listed(mail.values), {}, mail.useless_after};
  if (!secret.empty()) {
    job.sealed = sealer_.seal(write(SealedValues{listed(secret)}), seal_of(mail.name, mail.to));
  }
  queue_.enqueue(tx, jobs::Kind<SendMail>{kKind}, job);
}

jobs::Handlers Mailer::handlers() {
  return {jobs::handle(jobs::Kind<SendMail>{kKind, policy_},
                       [this](SendMail job, jobs::Attempt attempt) {
                         return deliver(std::move(job), std::move(attempt));
                       })};
}

Task<> Mailer::deliver(SendMail job, jobs::Attempt attempt) const {
  const auto drop = [&job](std::string_view why) {
    log::info("mail_dropped", {{"kind", job.template_}, {"reason", why}});
  };
  if (job.useless_after && *job.useless_after <= now()) {
    count(job.template_, Result::late);
    drop("what it says is no longer good");
    co_return;
  }
  const auto secret = open(job);
  if (!secret) {
    if (!sealer_.has_temporary_key()) {
      throw jobs::Hopeless("none of auth.sealing_keys opens what is sealed in it");
    }
    drop("it was sealed by an earlier run, with a key that is gone");
    co_return;
  }
  Values values = *secret;
  add_to(values, job.values);
  const auto to = smtp::envelope_address(job.to);
  if (!to) throw jobs::Hopeless("its address is none that mail can be sent to");
  Rendered rendered;
  try {
    rendered = composer_.render(job.template_, job.locale, std::move(values));
  } catch (const std::invalid_argument& error) {
    throw jobs::Hopeless(error.what());
  }
  if (!sender_) {
    log::info("mail", {{"to", *to}, {"subject", rendered.subject}, {"text", rendered.text}});
    count(job.template_, Result::sent);
    co_return;
  }
  std::string message = composer_.write(attempt.job().uuid, *to, rendered);
  job.to = *to;
  co_await pass_on(std::move(job), std::move(message), *secret);
}

Task<> Mailer::pass_on(SendMail job, std::string message, Values secret) const {
  const auto begun = std::chrono::steady_clock::now();
  smtp::Envelope envelope{composer_.sender(), job.to};
  const smtp::Answer answer = co_await sender_->send(std::move(envelope), std::move(message));
  if (seconds_ != nullptr) {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    seconds_->observe(taken.count());
  }
  if (answer.outcome == smtp::Outcome::accepted) {
    count(job.template_, Result::sent);
    co_return;
  }
  std::string reason = reason_of(answer);
  for (const auto& [name, value] : secret) leave_out(reason, value);
  leave_out(reason, job.to);
  // Anybody can have such a mail sent to an address that is none; once it is late nobody misses it.
  if (answer.outcome == smtp::Outcome::no_receiver && job.useless_after) {
    count(job.template_, Result::refused);
    log::info("mail_refused", {{"kind", job.template_}, {"reason", reason}});
    co_return;
  }
  if (answer.outcome == smtp::Outcome::never || answer.outcome == smtp::Outcome::no_receiver) {
    count(job.template_, Result::refused);
    throw jobs::Hopeless(reason);
  }
  count(job.template_, Result::failed);
  throw std::runtime_error(reason);
}

std::optional<Values> Mailer::open(const SendMail& job) const {
  Values out;
  if (!job.sealed) return out;
  const auto plain = sealer_.open(*job.sealed, seal_of(job.template_, job.to));
  if (!plain) return std::nullopt;
  const Json json = parse_json(*plain);
  add_to(out, read<SealedValues>(json).values);
  return out;
}

void Mailer::bind(Metrics& metrics) {
  for (const auto& name : composer_.templates().names()) {
    for (std::size_t i = 0; i < kResults.size(); ++i) {
      counters_[{name, static_cast<Result>(i)}] =
          &metrics.counter("stoa_mail_sent_total", "Attempts to send a mail",
                           {{"template", name}, {"result", std::string(kResults[i])}});
    }
  }
  seconds_ = &metrics.histogram("stoa_mail_seconds", "What the mail server took for one", {},
                                {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300});
  if (sender_) observe_workers(metrics, sender_->pool(), "mail");
}

void Mailer::count(const std::string& name, Result result) const {
  const auto found = counters_.find({name, result});
  if (found != counters_.end()) found->second->Increment();
}

void Mailer::stop() {
  if (sender_) sender_->stop();
}

}  // namespace stoa::mail
