#include "app/mail_commands.hpp"

#include "app/terminal.hpp"

#include <stoa/mail/composer.hpp>
#include <stoa/mail/mail_config.hpp>
#include <stoa/smtp/sender.hpp>

#include <algorithm>
#include <iostream>

namespace stoa::app {
namespace {

void list(const mail::Templates& templates) {
  for (const auto& name : templates.names()) {
    std::cout << name << " ";
    for (const auto& language : templates.languages(name)) std::cout << " " << language;
    for (const auto& variable : templates.variables(name)) std::cout << "  {{" << variable << "}}";
    std::cout << "\n";
  }
}

// What a value may be; of one that nobody has named here, its name.
std::string sample_of(const std::string& variable, const std::string& public_url) {
  if (variable == "link") return public_url + "/#/example";
  if (variable == "minutes") return "60";
  if (variable == "hours") return "24";
  if (variable == "left") return "7";
  if (variable == "provider") return "Google";
  return "[" + variable + "]";
}

mail::Values samples_for(const mail::Templates& templates, const std::string& name,
                         const std::string& public_url) {
  mail::Values values;
  for (const auto& variable : templates.variables(name)) {
    values[variable] = sample_of(variable, public_url);
  }
  return values;
}

}  // namespace

int preview_mail(const Config& config, const MailPreview& preview) {
  const mail::Composer composer(config);
  const auto& templates = composer.templates();
  if (preview.name.empty()) {
    list(templates);
    return 0;
  }
  const auto names = templates.names();
  if (std::find(names.begin(), names.end(), preview.name) == names.end()) {
    throw ConfigError("there is no mail \"" + preview.name + "\"; `stoa mail preview` lists them");
  }
  const auto& fallback = config.section<mail::MailConfig>().locale;
  const auto rendered =
      composer.render(preview.name, preview.locale.empty() ? fallback : preview.locale,
                      samples_for(templates, preview.name, config.server.public_url));
  if (preview.part == "raw") {
    std::cout << composer.write(Uuid::v7(), "somebody@example.org", rendered);
  } else if (preview.part == "subject") {
    std::cout << rendered.subject << "\n";
  } else {
    std::cout << (preview.part == "html" ? rendered.html : rendered.text);
  }
  return 0;
}

int test_mail(const Config& config, const std::string& to) {
  if (mail::way_of(config) != mail::Way::smtp) throw ConfigError("mail.url: no mail server is set");
  const auto address = smtp::envelope_address(to);
  if (!address) throw ConfigError("'" + to + "' is no address that mail can be sent to");
  const mail::Composer composer(config);
  const auto rendered = composer.render("test", config.section<mail::MailConfig>().locale, {});
  const std::string message = composer.write(Uuid::v7(), *address, rendered);
  auto options = mail::sender_options(config);
  options.threads = 0;
  smtp::Sender sender(options);
  const auto answer = sender.send_blocking({composer.sender(), *address}, message);
  const bool is_sent = answer.outcome == smtp::Outcome::accepted;
  auto& out = is_sent ? std::cout : std::cerr;
  out << (is_sent ? "the mail server took it: " : "stoa: not sent: ") << one_line(answer.text)
      << "\n";
  if (const auto help = mail::help_for(answer.trouble); !help.empty()) out << help << "\n";
  return is_sent ? 0 : 1;
}

}  // namespace stoa::app
