// What mail is to the server.
#include <stoa/core/log.hpp>
#include <stoa/mail/feature.hpp>
#include <stoa/mail/mail.hpp>

namespace stoa::mail {

Feature feature() {
  return {
      .name = "mail",
      .sections = {config::section<MailConfig, &check>("mail")},
      .make =
          [](const Platform& on) {
            if (way_of(on.config) == Way::off) {
              log::warn("no_mail",
                        {{"reason",
                          "nobody can confirm an address or get back into an account whose "
                          "password is forgotten, but by `stoa admin reset-password`: set "
                          "mail.url"}});
            }
            auto mailer = std::make_shared<Mailer>(on.jobs, on.config);
            on.services.offer(*mailer);
            Module module;
            module.jobs = mailer->handlers();
            module.metrics = [mailer](Metrics& metrics) { mailer->bind(metrics); };
            module.stop = [mailer] { mailer->stop(); };
            module.keep = mailer;
            return module;
          },
  };
}

}  // namespace stoa::mail
