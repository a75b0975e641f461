#include "app/documents.hpp"

namespace stoa::app {
namespace {

Task<http::Response> show_asyncapi(Documents& documents, const http::Request* request) {
  return documents.asyncapi(request);
}

}  // namespace

Task<http::Response> Documents::asyncapi(const http::Request*) {
  co_return http::Response::json(200, asyncapi_);
}

http::Routes document_routes(Documents& documents) {
  using enum http::Method;
  return {
      {get, "/api/asyncapi.json", Who::anyone, Limit::read, "The description of the socket events",
       http::endpoint<&show_asyncapi>(documents), http::RouteKind::api, 0, http::Made::document},
  };
}

}  // namespace stoa::app
