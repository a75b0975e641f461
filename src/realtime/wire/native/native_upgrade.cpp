#include "realtime/gateway_state.hpp"
#include "realtime/wire/native/credentials.hpp"
#include "realtime/wire/native/native_codec.hpp"
#include "realtime/wire/websocket/link.hpp"

#include <stoa/core/log.hpp>
#include <stoa/realtime/native.hpp>

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace stoa::realtime {
namespace {

using websocket::Refusal;

// One service for all upgrades; shared by the handler's copies.
struct Native {
  Native(std::shared_ptr<GatewayState> state, const Endpoint& served)
      : gateway(std::move(state)), endpoint(served) {}

  std::shared_ptr<GatewayState> gateway;
  const Endpoint& endpoint;
  native::NativeCodec codec;
};

struct Admitted {
  Admission::Ticket ticket;
  std::optional<Caller> caller;
};

Refusal as_refusal(const Error& error) {
  return {info(error.code()).http_status, error};
}

// Everything that may stand against this connection, in the order that native.hpp names.
Task<Admitted> admit(GatewayState* gateway, const net::Upgrade* upgrade,
                     std::optional<std::string> token) {
  Admitted out;
  out.ticket = gateway->admission.admit(upgrade->client.address);
  if (token) {
    std::string secret = std::move(*token);
    Client client = upgrade->client;
    Caller caller =
        co_await gateway->authenticator.authenticate(std::move(secret), std::move(client));
    out.ticket.claim(caller.user);
    out.caller = std::move(caller);
  }
  co_return out;
}

void check(const GatewayState& gateway, const net::Upgrade& upgrade) {
  websocket::check_handshake(upgrade.request);
  if (gateway.phase != Phase::serving) throw Error(Code::shutting_down);
  if (!websocket::origin_allowed(upgrade.request, gateway.config.realtime.origins,
                                 gateway.config.server.public_url)) {
    throw Error(Code::origin_refused);
  }
}

Task<> refuse(std::shared_ptr<net::Stream> stream, std::string answer) {
  boost::system::error_code error;
  const auto buffer = asio::buffer(answer);
  if (stream->secure()) {
    co_await asio::async_write(*stream->tls(), buffer, asio::redirect_error(use_task, error));
  } else {
    co_await asio::async_write(stream->socket(), buffer, asio::redirect_error(use_task, error));
  }
  stream->socket().shutdown(net::Socket::shutdown_both, error);
}

void open_session(const std::shared_ptr<Native>& native, net::Upgrade& upgrade, Admitted admitted,
                  bool offers_protocol) {
  GatewayState& gateway = *native->gateway;
  LocalHub& local = *gateway.locals[upgrade.shard->index];
  const auto& limits = gateway.config.realtime;
  const auto out =
      std::make_shared<Outbound>(std::move(upgrade.stream), local.flusher(), local.counters,
                                 OutboundLimits{limits.max_queue_bytes, limits.max_queue_frames});
  const std::string accepted = websocket::acceptance(
      upgrade.request, offers_protocol ? native::kProtocol : std::string_view());
  FrameBuilder answer(accepted.size());
  out->append_always(answer.add(accepted).take());

  const auto connection =
      std::make_shared<Connection>(native->gateway, local, native->endpoint,
                                   std::shared_ptr<const Codec>(native, &native->codec), out,
                                   std::move(upgrade.client), std::move(admitted.ticket));
  connection->start(std::move(admitted.caller));
  std::string early(static_cast<const char*>(upgrade.leftover.data().data()),
                    upgrade.leftover.size());
  upgrade.shard->tasks.spawn(
      "websocket", websocket::run_link(native->gateway, connection,
                                       std::shared_ptr<const Decoder>(native, &native->codec), out,
                                       std::move(early)));
}

Task<> serve(std::shared_ptr<Native> native, net::Upgrade upgrade) {
  std::optional<Refusal> refused;
  try {
    check(*native->gateway, upgrade);
    native::Handshake handshake = native::read_handshake(upgrade.request);
    std::optional<std::string> token = std::move(handshake.token);
    Admitted admitted = co_await admit(native->gateway.get(), &upgrade, std::move(token));
    if (native->gateway->phase != Phase::serving) throw Error(Code::shutting_down);
    open_session(native, upgrade, std::move(admitted), handshake.offers_protocol);
    co_return;
  } catch (const Refusal& refusal) {
    refused = refusal;
  } catch (const Error& error) {
    refused = as_refusal(error);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    log::error("upgrade_failed",
               {{"requestId", upgrade.client.request_id}, {"reason", error.what()}});
    refused = as_refusal(Error(Code::internal));
  } catch (const std::exception& error) {
    log::error("upgrade_failed",
               {{"requestId", upgrade.client.request_id}, {"reason", error.what()}});
    refused = as_refusal(Error(Code::internal));
  }
  ++native->gateway->upgrades_refused;
  std::shared_ptr<net::Stream> stream = std::move(upgrade.stream);
  std::string answer = websocket::refusal(*refused, upgrade.client);
  co_await refuse(std::move(stream), std::move(answer));
}

}  // namespace

net::UpgradeHandler native_upgrade(Gateway& gateway, const Endpoint& endpoint) {
  const auto native = std::make_shared<Native>(gateway.state(), endpoint);
  return [native](net::Upgrade upgrade) { return serve(native, std::move(upgrade)); };
}

}  // namespace stoa::realtime
