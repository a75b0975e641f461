#pragma once
// Makes mails of templates and values. Immutable, safe on any thread.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/mail/templates.hpp>
#include <stoa/smtp/address.hpp>

#include <string>

namespace stoa::mail {

class Composer {
 public:
  // Throws ConfigError, as Templates does.
  explicit Composer(const Config& all);

  const Templates& templates() const noexcept { return templates_; }
  // Who mails are from.
  const std::string& sender() const noexcept { return from_.address; }

  // `values` beside those that every mail has. Throws std::invalid_argument.
  Rendered render(const std::string& name, const std::string& locale, Values values) const;
  // As it goes over the wire. The same id gives the same bytes: its Message-ID, its date (ids are made at a time) and its
  // boundary are the id's, so that a mail that is sent twice is known for the same one.
  std::string write(const Uuid& id, const std::string& to, const Rendered& mail) const;

 private:
  const smtp::Mailbox from_;
  const std::string server_, url_;
  const std::string host_;  // of Message-IDs
  const Templates templates_;
};

}  // namespace stoa::mail
