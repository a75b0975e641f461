#pragma once
// [mail] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>
#include <stoa/smtp/sender.hpp>

#include <string>
#include <string_view>

namespace stoa::mail {

using namespace std::chrono_literals;

enum class Tls { required, none };
BOOST_DESCRIBE_ENUM(Tls, required, none)

struct MailConfig {
  std::string url;  // empty: no mail server
  std::string user;
  Secret password;
  std::string from = "Stoa <stoa@localhost>";
  Tls tls = Tls::required;
  std::string ca_file;        // PEM; empty: the system's
  std::string templates;      // a folder whose files replace those that the server has
  std::string locale = "en";  // for people whose language there is none in
  std::size_t threads = 2;
  Duration connect_timeout = 10s;
  Duration time_limit = 30s;  // of one mail
};
BOOST_DESCRIBE_STRUCT(MailConfig, (),
                      (url, user, password, from, tls, ca_file, templates, locale, threads,
                       connect_timeout, time_limit))

// Reads the templates too. Throws ConfigError.
void check(const MailConfig& mail, const Config& all);

enum class Way {
  smtp,
  log,  // without a mail server, where listeners and public_url are this machine's: whoever tries it out finds links in its log
  off,
};
Way way_of(const Config& all);

smtp::SenderOptions sender_options(const Config& all);

// What helps; empty where nobody knows.
std::string_view help_for(smtp::Trouble trouble);

}  // namespace stoa::mail
