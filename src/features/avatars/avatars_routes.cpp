#include "features/avatars/avatars_types.hpp"

namespace stoa::avatars {
http::Routes avatars_routes(Avatars& avatars) {
  using enum http::Method;
  using http::endpoint;
  return {
      {post, "/api/users/me/avatar", Who::signed_in, Limit::write,
       "Show a picture of oneself, as a form (multipart/form-data) whose file it is",
       endpoint<&Avatars::set>(avatars), http::RouteKind::api, avatars.most_form()},
      {del, "/api/users/me/avatar", Who::signed_in, Limit::write, "Show no picture of oneself",
       endpoint<&Avatars::remove>(avatars)},
      {get, "/api/avatars/{id}", Who::anyone, Limit::avatars, "Somebody's picture",
       endpoint<&Avatars::show>(avatars)},
  };
}

}  // namespace stoa::avatars
