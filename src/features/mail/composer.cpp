#include <stoa/core/time.hpp>
#include <stoa/mail/composer.hpp>
#include <stoa/mail/mail_config.hpp>
#include <stoa/smtp/message.hpp>

#include <utility>

#include <boost/url/parse.hpp>
#include <stoa_mail_templates.hpp>

namespace stoa::mail {
namespace {

std::string host_of(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return "localhost";
  const auto host = parsed->encoded_host();
  return {host.data(), host.size()};
}

// When a version 7 was made; of another one, which no job has, any time does.
Timestamp made_at(const Uuid& id) {
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds * 256 + id.bytes[i];
  return (id.bytes[6] >> 4) == 7 ? Timestamp(Milliseconds(milliseconds)) : Timestamp();
}

}  // namespace

Composer::Composer(const Config& all)
    : from_(smtp::parse_mailbox(all.section<MailConfig>().from).value()),
      server_(all.server.name),
      url_(all.server.public_url),
      host_(host_of(url_)),
      templates_(stoa_mail_templates(), all.section<MailConfig>().templates,
                 all.section<MailConfig>().locale) {}

Rendered Composer::render(const std::string& name, const std::string& locale, Values values) const {
  values["server"] = server_;
  values["url"] = url_;
  return templates_.render(name, locale, values);
}

std::string Composer::write(const Uuid& id, const std::string& to, const Rendered& mail) const {
  return smtp::write_message(
      {from_, to, mail.subject, mail.text, mail.html, id.str(), host_, made_at(id)});
}

}  // namespace stoa::mail
