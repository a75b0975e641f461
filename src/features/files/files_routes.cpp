#include "features/files/file_links.hpp"
#include "features/files/files_types.hpp"

#include <stoa/files/files.hpp>

namespace stoa::files {
namespace {

// What a form has beside its file: heads of parts, and a few short fields.
constexpr std::uint64_t kForm = 64 * config::kKiB;

}  // namespace

http::Routes files_routes(Files& files) {
  using enum http::Method;
  using http::endpoint;
  const std::uint64_t form = files.config().max_bytes + kForm;
  constexpr auto user = Who::signed_in;
  return {
      {post, "/api/files", user, Limit::write,
       "Bring a file, as a form (multipart/form-data) whose last part it is",
       endpoint<&Files::upload, 201>(files), http::RouteKind::api, form},
      {post, "/api/uploads", user, Limit::write,
       "Begin to bring a file by itself: where to send its bytes",
       endpoint<&Files::begin_upload, 201>(files)},
      // A right link counts for whose it is, so that a stranger's wrong ones keep nobody of his address from theirs.
      http::counted_for(
          [&files](const http::Request& request) { return files.named_by(LinkTo::write, request); },
          {put, "/api/uploads/{id}/content", Who::anyone, Limit::write,
           "The bytes of such a file, by the token of its link, once", endpoint<&Files::put>(files),
           http::RouteKind::api, files.config().max_bytes}),
      {post, "/api/uploads/{id}/complete", user, Limit::write,
       "Say that such a file has come whole", endpoint<&Files::complete_upload>(files)},
      {get, "/api/files", user, Limit::read, "One's own files, newest first",
       endpoint<&Files::list>(files)},
      {get, "/api/files/usage", user, Limit::read, "How much room one's files take, and may",
       endpoint<&Files::usage>(files)},
      {get, "/api/files/{id}", user, Limit::read, "What is known of a file",
       endpoint<&Files::get>(files)},
      {del, "/api/files/{id}", user, Limit::write, "Delete a file of one's own that nothing has",
       endpoint<&Files::remove>(files)},
      {get, "/api/files/{id}/download", user, Limit::read,
       "A file's bytes; of a picture also a smaller one, by the pixels of its longer side",
       endpoint<&Files::download>(files)},
      {get, "/api/files/{id}/link", user, Limit::read,
       "A link to a file's bytes that is good for a while and needs no token",
       endpoint<&Files::link>(files)},
      http::counted_for(
          [&files](const http::Request& request) { return files.named_by(LinkTo::fetch, request); },
          {get, "/api/files/{id}/content", Who::anyone, Limit::read,
           "A file's bytes, by the token of such a link", endpoint<&Files::follow>(files)}),
  };
}

realtime::OutgoingTable files_sends() {
  return {realtime::sends(kFileUpdated)};
}

}  // namespace stoa::files
