#pragma once
// The OpenAPI 3.1 document, from the same rows that the router serves. Pure; built once.
#include <stoa/http/route.hpp>

#include <string>
#include <vector>

namespace stoa::http {

struct ApiInfo {
  std::string title;
  std::string version;
  std::string server_url;
};

std::string openapi_document(const std::vector<Routes>& tables, const ApiInfo& info);

}  // namespace stoa::http
