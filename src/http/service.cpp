#include "http/digest.hpp"

#include <stoa/http/openapi.hpp>
#include <stoa/http/service.hpp>
#include <stoa/net/networks.hpp>

namespace stoa::http {

Service::Service(const Config& config, const Metrics& metrics, Readiness readiness)
    : config_(config),
      metrics_(metrics),
      readiness_(std::move(readiness)),
      metrics_allow_(config.http.metrics_allow) {}

Routes Service::routes(const std::vector<Routes>& tables, std::span<const Code> codes) {
  using enum Method;
  Routes own = {
      {get, "/healthz", Who::anyone, Limit::none, "Whether the process lives",
       endpoint<&Service::live>(*this)},
      {get, "/readyz", Who::anyone, Limit::none, "Whether requests should be sent here",
       endpoint<&Service::ready>(*this)},
      {get, "/metrics", Who::anyone, Limit::none, "Metrics in Prometheus' text format",
       endpoint<&Service::show_metrics>(*this), RouteKind::api, 0, Made::text},
      {get, "/api/openapi.json", Who::anyone, Limit::read, "This description",
       endpoint<&Service::describe>(*this), RouteKind::api, 0, Made::tagged_document},
  };
  std::vector<Routes> all = tables;
  all.push_back(own);
  openapi_ =
      openapi_document(all, codes, {config_.server.name, STOA_VERSION, config_.server.public_url});
  openapi_etag_ = strong_etag(openapi_);
  return own;
}

Task<ServiceStatus> Service::live(Client) {
  co_return ServiceStatus{"ok"};
}

Task<ServiceStatus> Service::ready(Client) {
  if (const auto missing = readiness_()) throw Error(*missing);
  co_return ServiceStatus{"ready"};
}

Task<Response> Service::show_metrics(Client client) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(client.address, failed);
  // Others are not to learn that it is here.
  if (failed || !metrics_allow_.contains(address)) throw Error(Code::not_found);
  Response response = Response::text(200, metrics_.text());
  response.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
  co_return response;
}

Task<Response> Service::describe(Client) {
  Response response = Response::json(200, openapi_);
  response.headers.set("cache-control", "no-cache");
  response.etag = openapi_etag_;
  co_return response;
}

}  // namespace stoa::http
