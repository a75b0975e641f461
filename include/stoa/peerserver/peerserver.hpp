#pragma once
// A PeerServer, as PeerJS clients expect it: gives out ids, knows who has one, and relays what two peers need to
// find each other; what is for somebody who is not there waits for a moment. Nothing is stored: ids and messages
// are in memory alone. docs/PROTOCOL.md says what clients may count on.
//
// Owned by the composition root; callable on any shard.
#include <stoa/core/authenticator.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/peerserver/peerserver_config.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/peerserver.hpp>
#include <stoa/realtime/roster.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::peerserver {

struct Signal;
struct KeyPath;
class PeerRegistry;

class PeerServer final : public realtime::PeerDoor, public realtime::SessionObserver {
 public:
  // `authenticator`: of sockets, asked where keys are accounts'.
  PeerServer(net::Runtime& runtime, realtime::Hub& hub, realtime::Roster& roster,
             Authenticator& authenticator, const PeerServerConfig& config,
             const config::Realtime& realtime);
  ~PeerServer() override;

  void offer(const realtime::SessionPtr& session, Signal signal);
  void answer(const realtime::SessionPtr& session, Signal signal);
  void candidate(const realtime::SessionPtr& session, Signal signal);
  // Without an address it gives the session's id back.
  void leave(const realtime::SessionPtr& session, Signal signal);
  void expire(const realtime::SessionPtr& session, Signal signal);
  void heartbeat(const realtime::SessionPtr& session, const Signal& signal);

  Task<http::Response> describe(const http::Request* request);
  Task<http::Response> create_id(const http::Request* request);
  Task<http::Response> list_peers(const http::Request* request);

  // A client whose `path` is this server's calls below it; one whose path is "/" calls as though this were the
  // root, so both are served. Empty lists where the configuration turns it off.
  struct Paths {
    std::string about;
    std::vector<std::string> ids, peers, sockets;
  };
  const Paths& paths() const noexcept { return paths_; }

  // For the metrics; any thread.
  std::size_t connected() const;
  std::size_t waiting_messages() const;
  std::size_t waiting_bytes() const;

  // realtime::PeerDoor
  Task<std::optional<Caller>> identify(std::string key, Client client) override;
  void opened(const realtime::SessionPtr& session, realtime::PeerHandshake handshake) override;
  // realtime::SessionObserver
  void session_ended(realtime::Session& session) override;

 private:
  Task<> admit(realtime::SessionPtr session, realtime::PeerHandshake handshake);
  void relay(const realtime::SessionPtr& session, std::string_view type, Signal signal);
  Task<bool> may_list(std::string key, Client client);
  void keep_watch();
  Task<> watch();

  net::Runtime& runtime_;
  realtime::Hub& hub_;
  Authenticator& authenticator_;
  const PeerServerConfig& config_;
  const Paths paths_;
  std::unique_ptr<PeerRegistry> registry_;
  // While anybody is connected or anything waits, one task on the first shard looks at what is due.
  std::atomic<bool> watching_{false};
};

http::Routes peerserver_routes(PeerServer& server);
realtime::Events peerserver_events(PeerServer& server);

}  // namespace stoa::peerserver
