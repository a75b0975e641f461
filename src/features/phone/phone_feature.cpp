// What telephone numbers are to the server.
#include "features/phone/phone_codes.hpp"
#include "features/phone/phone_types.hpp"
#include "features/phone/twilio.hpp"

#include <stoa/phone/feature.hpp>
#include <stoa/phone/phones.hpp>

namespace stoa::phone {
namespace {

std::unique_ptr<Twilio> twilio_for(const Platform& on, const PhoneConfig& config) {
  if (config.provider != Provider::twilio) return nullptr;
  auto client = on.fetch.client({.name = "twilio", .hosts = {config.url}, .may_go_inside = true});
  return std::make_unique<Twilio>(std::move(client), config);
}

}  // namespace

Feature feature() {
  return {
      .name = "phone",
      .sections = {config::section<PhoneConfig, &check>("phone")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto& entrance = on.services.need<auth::Entrance>();
            auto phones = std::make_shared<Phones>(
                Phones::Parts{on.db, on.jobs, on.services.need<mail::Mailer>(), entrance,
                              on.limiter},
                twilio_for(on, on.config.section<PhoneConfig>()), on.config);
            entrance.watch(*phones);
            Module module;
            module.routes = phone_routes(*phones);
            module.jobs = {jobs::handle(
                kSendPhoneCode, [&phones = *phones](SendPhoneCode job, jobs::Attempt attempt) {
                  return phones.send(std::move(job), std::move(attempt));
                })};
            module.metrics = [phones](Metrics& metrics) { phones->bind(metrics); };
            module.keep = std::move(phones);
            return module;
          },
  };
}

}  // namespace stoa::phone
