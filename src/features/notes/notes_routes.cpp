#include "features/notes/notes_types.hpp"

#include <stoa/notes/notes.hpp>

namespace stoa::notes {
namespace {

// What a form has beside its file: heads of parts, a title and a description.
constexpr std::uint64_t kForm = 128 * config::kKiB;

}  // namespace

http::Routes notes_routes(Notes& notes) {
  using enum http::Method;
  using http::endpoint;
  constexpr auto user = Who::signed_in;
  const std::uint64_t form = notes.file_limits().max_bytes + kForm;
  return {
      {get, "/api/notes", Who::anyone, Limit::read, "Notes that one may see, newest first",
       endpoint<&Notes::list>(notes)},
      {post, "/api/notes", user, Limit::write,
       "Give a file to everybody or to a room; a form whose last part is the file, or with the "
       "fileId of one",
       endpoint<&Notes::create, 201>(notes), http::RouteKind::api, form},
      {get, "/api/notes/{id}", Who::anyone, Limit::read, "A note; counts as a view",
       endpoint<&Notes::get>(notes)},
      {put, "/api/notes/{id}", user, Limit::write, "Change a note of one's own",
       endpoint<&Notes::change>(notes)},
      {del, "/api/notes/{id}", user, Limit::write,
       "Delete a note of one's own, or as a moderator of its room",
       endpoint<&Notes::remove>(notes)},
      {get, "/api/notes/{id}/versions", Who::anyone, Limit::read,
       "What a note's file was, the newest first", endpoint<&Notes::versions>(notes)},
      {post, "/api/notes/{id}/versions", user, Limit::write,
       "Replace a note's file; a form as for a new note", endpoint<&Notes::add_version, 201>(notes),
       http::RouteKind::api, form},
      {get, "/api/notes/{id}/download", user, Limit::read,
       "The bytes of a note's file; counts as a download", endpoint<&Notes::download>(notes)},
  };
}

}  // namespace stoa::notes
