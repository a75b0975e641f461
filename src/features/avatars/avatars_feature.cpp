// What avatars are to the server.
#include <stoa/auth/entrance.hpp>
#include <stoa/avatars/avatars.hpp>
#include <stoa/avatars/feature.hpp>
#include <stoa/files/keeping.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace stoa::avatars {

Feature feature() {
  return {
      .name = "avatars",
      .make =
          [](const Platform& on) {
            const files::Emblems::Parts parts{
                on.db, on.services.need<files::Files>(), on.services.need<auth::Entrance>(),
                on.services.need<pictures::Studio>(), on.config.section<files::PicturesConfig>()};
            auto avatars = std::make_shared<Avatars>(parts, on.config.server.public_url);
            Module module;
            module.routes = avatars_routes(*avatars);
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(files::drop_others(who.user, kAvatarFile, std::nullopt));
            };
            module.keep = std::move(avatars);
            return module;
          },
  };
}

}  // namespace stoa::avatars
