#pragma once
// The AsyncAPI document as a route; OpenAPI's stands with the HTTP server's own routes.
#include <stoa/http/route.hpp>

#include <string>

namespace stoa::app {

class Documents {
 public:
  explicit Documents(std::string asyncapi) : asyncapi_(std::move(asyncapi)) {}

  Task<http::Response> asyncapi(const http::Request* request);
  const std::string& asyncapi() const noexcept { return asyncapi_; }

 private:
  std::string asyncapi_;
};

http::Routes document_routes(Documents& documents);

}  // namespace stoa::app
