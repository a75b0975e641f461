// What avatars are to the server.
#include "features/avatars/avatars_codes.hpp"

#include <stoa/avatars/avatars.hpp>
#include <stoa/avatars/feature.hpp>
#include <stoa/files/keeping.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace stoa::avatars {
namespace {

struct Parts {
  explicit Parts(const Platform& on)
      : studio(options(on.config.section<PicturesConfig>())),
        avatars(on.db, on.services.need<files::Files>(), studio,
                on.config.section<PicturesConfig>(), on.config.server.public_url) {}

  static pictures::Options options(const PicturesConfig& config) {
    return {config.threads, config.queue, config.max_pixels, config.time_limit};
  }

  pictures::Studio studio;
  Avatars avatars;
};

}  // namespace

Feature feature() {
  return {
      .name = "avatars",
      .sections = {config::section<PicturesConfig, &check>("pictures")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto parts = std::make_shared<Parts>(on);
            Module module;
            module.routes = avatars_routes(parts->avatars);
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(files::drop_others(who.user, kAvatarFile, std::nullopt));
            };
            module.metrics = [parts](Metrics& metrics) {
              observe_workers(metrics, parts->studio.pool(), "pictures");
            };
            module.stop = [parts] { parts->studio.stop(); };
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::avatars
