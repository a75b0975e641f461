#pragma once
// `stoa mail`: what mails look like, and whether the mail server takes one. As in commands.hpp.
#include <stoa/core/config.hpp>

#include <string>

namespace stoa::app {

struct MailPreview {
  std::string name;    // of a template; empty: which ones there are
  std::string locale;  // empty: mail.locale
  std::string part = "txt";
};
int preview_mail(const Config& config, const MailPreview& preview);
// Now, on this thread, and without a database.
int test_mail(const Config& config, const std::string& to);

}  // namespace stoa::app
