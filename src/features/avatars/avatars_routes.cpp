#include "features/avatars/avatars_types.hpp"

namespace stoa::avatars {
namespace {

constexpr std::uint64_t kForm = 64 * config::kKiB;  // heads of parts

}  // namespace

http::Routes avatars_routes(Avatars& avatars) {
  using enum http::Method;
  using http::endpoint;
  const std::uint64_t form = avatars.config().max_bytes + kForm;
  return {
      {post, "/api/users/me/avatar", Who::signed_in, Limit::write,
       "Show a picture of oneself, as a form (multipart/form-data) whose file it is",
       endpoint<&Avatars::set>(avatars), http::RouteKind::api, form},
      {del, "/api/users/me/avatar", Who::signed_in, Limit::write, "Show no picture of oneself",
       endpoint<&Avatars::remove>(avatars)},
      {get, "/api/avatars/{id}", Who::anyone, Limit::avatars, "Somebody's picture",
       endpoint<&Avatars::show>(avatars)},
  };
}

}  // namespace stoa::avatars
