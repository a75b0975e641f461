#pragma once
// What every server has beside its features: liveness, readiness, metrics and the API's
// description. Owned by the composition root; must outlive the server.
//
//   http::Service service(config, metrics, [&db] { return db.healthy() ? "" : "database"; });
//   tables.push_back(service.routes(tables, codes));
#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/http/route.hpp>
#include <stoa/net/networks.hpp>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace stoa::http {

class Service {
 public:
  // Asked on any shard at each /readyz: empty when ready, else the one word that says what is
  // missing
  // ("database", "draining"). Must not block.
  using Readiness = std::function<std::string()>;

  Service(const Config& config, const Metrics& metrics, Readiness readiness);

  // GET /healthz, /readyz, /metrics (answered to the configured addresses only) and
  // /api/openapi.json, which describes `tables` and the `codes` of errors and is written here, once.
  Routes routes(const std::vector<Routes>& tables, std::span<const Code> codes);

  // The document of /api/openapi.json.
  const std::string& openapi() const noexcept { return openapi_; }

  Task<Response> live(const Request* request);
  Task<Response> ready(const Request* request);
  Task<Response> show_metrics(const Request* request);
  Task<Response> describe(const Request* request);

 private:
  const Config& config_;
  const Metrics& metrics_;
  Readiness readiness_;
  net::Networks metrics_allow_;
  std::string openapi_;
  std::string openapi_etag_;
};

}  // namespace stoa::http
