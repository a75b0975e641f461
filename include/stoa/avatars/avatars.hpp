#pragma once
// People's pictures of themselves. What somebody sends is made anew in two sizes (<stoa/pictures/pictures.hpp>), which are kept as
// files of a kind of its own and shown to anybody who has the address of one: it is in the profile, and nobody guesses it.
// Owned by the feature, any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/pictures_config.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/route.hpp>
#include <stoa/pictures/pictures.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/users/users.hpp>

#include <optional>
#include <string>

namespace stoa::avatars {

struct AvatarQuery;
struct NewAvatar;

using AvatarId = Id<struct AvatarTag>;

inline constexpr files::Kind kAvatarFile{"avatar", files::In::none};

class Avatars final : public files::Keeper {
 public:
  // `public_url`: as browsers reach the server. All of it outlives it.
  Avatars(pg::Database& db, files::Files& files, pictures::Studio& studio,
          const files::PicturesConfig& config, std::string public_url);

  // ---- Its rows ----

  // Throws Error{NOT_A_PICTURE | PICTURE_TOO_LARGE | too_large}, and what Files::receive() throws; the picture before stays then.
  Task<users::User> set(Caller caller, NewAvatar fields, http::FormFile file);
  Task<users::User> remove(Caller caller);
  Task<http::Download> show(Client client, AvatarQuery query);

  // ---- Of files ----

  // People's own forms bring no files of this kind: what they would bring has not been made anew.
  Task<> require_uploader(Caller caller, std::optional<RoomId> room) override;
  Task<> require_reader(UserId reader, const files::File& file) override;

  const files::PicturesConfig& config() const noexcept { return config_; }

 private:
  Task<std::string> read_whole(http::FormFile file) const;

  pg::Database& db_;
  files::Files& files_;
  pictures::Studio& studio_;
  const files::PicturesConfig& config_;
  const std::string public_url_;
};

http::Routes avatars_routes(Avatars& avatars);

}  // namespace stoa::avatars
