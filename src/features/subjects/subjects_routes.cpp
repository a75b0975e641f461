#include "features/subjects/subjects_types.hpp"

#include <stoa/subjects/subjects.hpp>

namespace stoa::subjects {

// clang-format off
http::Routes subjects_routes(Subjects& subjects) {
  using enum http::Method;
  using http::endpoint;
  constexpr auto anyone = Who::anyone, user = Who::signed_in, admin = Who::admin;
  constexpr auto read = Limit::read, write = Limit::write;
  return {
      {get,  "/api/subjects",            anyone, read,  "What one may study, by name",       endpoint<&Subjects::list>(subjects)},
      {post, "/api/subjects",            admin,  write, "Add a subject",                     endpoint<&Subjects::create, 201>(subjects)},
      {get,  "/api/subjects/{id}",       anyone, read,  "One subject",                       endpoint<&Subjects::get>(subjects)},
      {put,  "/api/subjects/{id}",       admin,  write, "Change a subject",                  endpoint<&Subjects::update>(subjects)},
      {del,  "/api/subjects/{id}",       admin,  write, "Take a subject away",               endpoint<&Subjects::remove>(subjects)},
      {get,  "/api/users/me/subjects",   user,   read,  "What one studies",                  endpoint<&Subjects::list_mine>(subjects)},
      {post, "/api/users/subjects",      user,   write, "Say that one studies a subject",    endpoint<&Subjects::add_mine>(subjects)},
      {del,  "/api/users/subjects/{id}", user,   write, "Say that one does not any more",    endpoint<&Subjects::remove_mine>(subjects)},
  };
}
// clang-format on

}  // namespace stoa::subjects
