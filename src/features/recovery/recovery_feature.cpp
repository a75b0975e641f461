// What recovery is to the server.
#include "features/recovery/link_marks.hpp"
#include "features/recovery/recovery_codes.hpp"
#include "features/recovery/recovery_store.hpp"
#include "features/recovery/recovery_types.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/mail/mail_config.hpp>
#include <stoa/recovery/feature.hpp>
#include <stoa/recovery/recovery.hpp>

namespace stoa::recovery {
namespace {

struct Parts {
  explicit Parts(const Platform& on)
      : codes(on.config.codes),
        marks(auth::sealing_keys(on.config.section<auth::AuthConfig>())),
        recovery({on.db, on.jobs, codes, on.services.need<mail::Mailer>(),
                  on.services.need<auth::SignIns>(), on.services.need<auth::Entrance>(), marks,
                  on.limiter},
                 on.config.section<RecoveryConfig>(), on.config.server.public_url) {}

  codes::Codes codes;
  LinkMarks marks;
  Recovery recovery;
};

}  // namespace

Feature feature() {
  return {
      .name = "recovery",
      .sections = {config::section<RecoveryConfig, &check>("recovery")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto parts = std::make_shared<Parts>(on);
            Recovery& recovery = parts->recovery;
            on.services.need<auth::Entrance>().watch(recovery);
            on.services.need<auth::SignIns>().speak(on.config.section<mail::MailConfig>().locale);
            Module module;
            module.routes = recovery_routes(recovery);
            module.jobs = {jobs::handle(
                kForgottenPassword, [&recovery](ForgottenPassword job, jobs::Attempt attempt) {
                  return recovery.send_reset(std::move(job), std::move(attempt));
                })};
            module.chores = parts->codes.chores();
            module.metrics = [&recovery](Metrics& metrics) { recovery.bind(metrics); };
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              store::forget(tx, who.user);
            };
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::recovery
