#pragma once
// People's pictures of themselves (<stoa/files/emblems.hpp>): one's own are set here, and are in the profile.
// Owned by the feature, any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/files/emblems.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/route.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/users/users.hpp>

#include <string>

namespace stoa::avatars {

struct NewAvatar;

inline constexpr files::Kind kAvatarFile{"avatar", files::In::none};

class Avatars {
 public:
  // `public_url`: as browsers reach the server. All of it outlives it.
  Avatars(files::Emblems::Parts parts, const std::string& public_url);

  // Throws what Emblems::bring() throws; the picture before stays then.
  Task<users::User> set(Caller caller, NewAvatar fields, http::FormFile file);
  Task<users::User> remove(Caller caller);
  Task<http::Download> show(Client client, files::EmblemQuery query);

  std::uint64_t most_form() const { return emblems_.most_form(); }

 private:
  pg::Database& db_;
  files::Emblems emblems_;
};

http::Routes avatars_routes(Avatars& avatars);

}  // namespace stoa::avatars
