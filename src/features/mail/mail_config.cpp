#include <stoa/core/config_check.hpp>
#include <stoa/core/text.hpp>
#include <stoa/mail/mail_config.hpp>
#include <stoa/mail/templates.hpp>
#include <stoa/net/networks.hpp>
#include <stoa/smtp/address.hpp>

#include <boost/url/parse.hpp>
#include <stoa_mail_templates.hpp>

namespace stoa::mail {
namespace {

bool is_server(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  return url && (url->scheme() == "smtp" || url->scheme() == "smtps") && !url->host().empty() &&
         !url->has_userinfo() && url->encoded_path().empty() && !url->has_query() &&
         !url->has_fragment() && (!url->has_port() || url->port_number() != 0);
}

}  // namespace

void check(const MailConfig& m, const Config& all) {
  using namespace config;
  constexpr std::size_t kLongestName = 100;
  if (m.url.find('@') != m.url.npos) {  // behind a password, which stands in no message
    refuse("mail.url", "who signs in there is mail.user, with mail.password");
  }
  if (!m.url.empty() && !is_server(m.url)) {
    refuse("mail.url", "\"" + m.url +
                           "\" is no mail server; write it as in \"smtp://mail.example.org:587\" "
                           "or \"smtps://mail.example.org:465\"");
  }
  if (m.tls == Tls::none && m.url.starts_with("smtps")) {
    refuse("mail.tls", "\"none\" goes with smtp:// alone");
  }
  if (m.user.empty() != m.password.value.empty()) {
    const bool has_user = !m.user.empty();
    const std::string_view present = has_user ? "mail.user" : "mail.password";
    const std::string_view missing = has_user ? "mail.password" : "mail.user";
    const std::string variable = variable_of(present);
    const bool is_set_there = all.from_environment.contains(variable);
    refuse(missing, "is missing, and " + std::string(present) + " is there (from " +
                        (is_set_there ? variable : "the configuration's file") +
                        "): set both or neither, the password by STOA_MAIL_PASSWORD");
  }
  const auto from = smtp::parse_mailbox(m.from);
  if (!from || from->name.size() > kLongestName) {
    refuse("mail.from",
           "\"" + m.from + "\" is no sender; write it as in \"Stoa <stoa@example.org>\"");
  }
  if (canonical_language_tag(m.locale) != m.locale) {
    refuse("mail.locale", "\"" + m.locale + "\" is no language tag as in \"en\" or \"pt-BR\"");
  }
  check_authorities("mail.ca_file", m.ca_file);
  const Templates templates(stoa_mail_templates(), m.templates, m.locale);  // throws
  check_count("mail.threads", m.threads, 16);
  check_time("mail.connect_timeout", m.connect_timeout, 1s, 1min);
  check_time("mail.time_limit", m.time_limit, 1s, 5min);
}

Way way_of(const Config& all) {
  if (!all.section<MailConfig>().url.empty()) return Way::smtp;
  return config::is_for_this_machine(all) ? Way::log : Way::off;
}

std::string_view help_for(smtp::Trouble trouble) {
  using smtp::Trouble;
  switch (trouble) {
    case Trouble::untrusted:
      return "Nobody whom this machine trusts has signed the mail server's certificate: name a PEM "
             "file with it, or with that of who has, as mail.ca_file";
    case Trouble::other_port:
      return "smtps:// is for TLS from the first byte (port 465), smtp:// for STARTTLS (port 587): "
             "see mail.url";
    case Trouble::no_tls:
      return "The mail server has no STARTTLS: mail.tls = \"none\" is for one on this machine, or "
             "in "
             "fetch.private_networks";
    case Trouble::not_allowed:
      return "With mail.tls = \"none\" a mail server that is not on this machine has to stand in "
             "fetch.private_networks";
    case Trouble::not_signed_in:
      return "The mail server wants another mail.user or STOA_MAIL_PASSWORD";
    case Trouble::unknown:
      break;
  }
  return {};
}

smtp::SenderOptions sender_options(const Config& all) {
  const auto& mail = all.section<MailConfig>();
  smtp::SenderOptions options;
  options.url = mail.url;
  const auto own = boost::urls::parse_uri(all.server.public_url);
  if (own && own->host_type() == boost::urls::host_type::name) {
    const auto host = own->encoded_host();
    options.helo = {host.data(), host.size()};
  }
  options.user = mail.user;
  options.password = mail.password;
  options.ca_file = mail.ca_file;
  options.threads = mail.threads;
  options.connect_timeout = mail.connect_timeout;
  options.time_limit = mail.time_limit;
  options.needs_tls = mail.tls == Tls::required;
  if (mail.tls == Tls::none) {
    options.may_connect = [inside = net::Networks(all.fetch.private_networks)](
                              const boost::asio::ip::address& address) {
      return net::plain(address).is_loopback() || inside.contains(address);
    };
  }
  return options;
}

}  // namespace stoa::mail
