#include "realtime/wire/websocket/accept.hpp"

#include "realtime/wire/websocket/link.hpp"

#include <stoa/core/log.hpp>

#include <string>
#include <utility>

namespace stoa::realtime::websocket {
namespace {

Refusal as_refusal(const Error& error) {
  return {error.code().http_status, error};
}

Refusal as_failure(const std::exception& error, const Client& client) {
  log::error("upgrade_failed", {{"requestId", client.request_id}, {"reason", error.what()}});
  return as_refusal(Error(Code::internal));
}

Refusal explain(const std::exception_ptr& failure, const Client& client) {
  try {
    std::rethrow_exception(failure);
  } catch (const Refusal& refusal) {
    return refusal;
  } catch (const Error& error) {
    return as_refusal(error);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    return as_failure(error, client);
  } catch (const std::exception& error) {
    return as_failure(error, client);
  }
}

}  // namespace

void accept(const SessionProtocol& protocol, net::Upgrade& upgrade, Admission::Ticket ticket,
            std::optional<Caller> caller, std::string_view subprotocol,
            const std::function<void(const SessionPtr&)>& opened) {
  GatewayState& gateway = *protocol.gateway;
  LocalHub& local = *gateway.locals[upgrade.shard->index];
  const auto& limits = gateway.config.realtime;
  const auto out =
      std::make_shared<Outbound>(std::move(upgrade.stream), local.flusher(), local.counters,
                                 OutboundLimits{limits.max_queue_bytes, limits.max_queue_frames});
  const std::string accepted = acceptance(upgrade.request, subprotocol);
  FrameBuilder answer(accepted.size());
  out->append_always(answer.add(accepted).take());

  const auto session =
      std::make_shared<ClientSession>(protocol.gateway, local, protocol.endpoint, protocol.codec,
                                      out, std::move(upgrade.client), std::move(ticket));
  out->on_surplus([session = session->weak_from_this()] {
    if (const auto slow = session.lock()) slow->close(kSlowReader);
  });
  upgrade.answer(101);
  session->start(std::move(caller));
  if (opened) opened(session);
  std::string early(static_cast<const char*>(upgrade.leftover.data().data()),
                    upgrade.leftover.size());
  const auto receiver = std::make_shared<SessionReceiver>(session, protocol.decoder);
  const ReaderLimits reader{limits.max_frame_bytes, limits.max_fragments,
                            protocol.decoder->takes_binary()};
  upgrade.shard->tasks.spawn(
      "websocket", run_link(protocol.gateway, &local, receiver, reader, out, std::move(early)));
}

Task<> refuse(std::shared_ptr<GatewayState> gateway, net::Upgrade upgrade,
              std::exception_ptr failure) {
  const Refusal refused = explain(failure, upgrade.client);
  ++gateway->upgrades_refused;
  upgrade.answer(refused.status);
  std::shared_ptr<net::Stream> stream = std::move(upgrade.stream);
  std::string answer = refusal(refused, upgrade.client);
  const Duration limit = gateway->config.http.linger_timeout;
  co_await send_last(limit, std::move(stream), std::move(answer));
}

}  // namespace stoa::realtime::websocket
