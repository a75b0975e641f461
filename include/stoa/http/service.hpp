#pragma once
// What every server has beside its features: liveness, readiness, metrics and the API's
// description. Owned by the composition root; must outlive the server.
//
//   http::Service service(config, metrics, [&db] { return missing(db); });
//   tables.push_back(service.routes(tables, codes));
#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/http/route.hpp>
#include <stoa/net/networks.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/describe.hpp>

namespace stoa::http {

// "ok", "ready".
struct ServiceStatus {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(ServiceStatus, (), (status))

class Service {
 public:
  // Asked on any shard at each /readyz: none when ready, else what requests would be refused with. Must not
  // block.
  using Readiness = std::function<std::optional<Code>()>;

  Service(const Config& config, const Metrics& metrics, Readiness readiness);

  // GET /healthz, /readyz, /metrics (answered to the configured addresses only) and
  // /api/openapi.json, which describes `tables` and the `codes` of errors and is written here, once.
  Routes routes(const std::vector<Routes>& tables, std::span<const Code> codes);

  // The document of /api/openapi.json.
  const std::string& openapi() const noexcept { return openapi_; }

  Task<ServiceStatus> live(Client client);
  Task<ServiceStatus> ready(Client client);
  Task<Response> show_metrics(Client client);
  Task<Response> describe(Client client);

 private:
  const Config& config_;
  const Metrics& metrics_;
  Readiness readiness_;
  net::Networks metrics_allow_;
  std::string openapi_;
  std::string openapi_etag_;
};

}  // namespace stoa::http
