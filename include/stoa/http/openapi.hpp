#pragma once
// The OpenAPI 3.1 document, from the same rows that the router serves. Pure; built once.
#include <stoa/core/error.hpp>
#include <stoa/http/route.hpp>

#include <span>
#include <string>
#include <vector>

namespace stoa::http {

struct ApiInfo {
  std::string title;
  std::string version;
  std::string server_url;
};

// `codes`: all that an answer may name.
std::string openapi_document(const std::vector<Routes>& tables, std::span<const Code> codes,
                             const ApiInfo& info);

}  // namespace stoa::http
