#pragma once
// What passes between nodes. A node's hub brings everything to the node's own sessions itself, then hands it to the broker
// for the other nodes; what others hand over arrives at the node's Inlet. The engine here is for a node that is alone:
// it does nothing. The hub of each node owns one:
//
//   GatewayState: broker->open(node.id, hub);   NodeHub: broker.publish(batch);   another node: inlet.deliver(batch);
//
// The contract of an engine for several nodes, such as one on Redis:
// - At most once. What is under way when a node or a link dies is lost; nothing is repeated. Where something may have been
//   lost (a link was cut, a buffer ran over, a reply did not come in time), the engine says so by Inlet::missed(), once the
//   link is good again, and the node lets its clients come back for what they lack: messages by seq, memberships by asking
//   the database, which has all that must last. A wake-up that was missed is no more than that: truth is in PostgreSQL.
// - In order. What one node hands over arrives at another in that order, publications and commands alike: one connection to
//   send, one to receive. Two nodes' publications have no order between them; what needs one has a seq.
// - Bounded, never waiting. publish() and the tells put things into a bounded queue and return: they are called under the
//   lock that orders all publications. A full queue is a loss for others. listen() and unlisten() come without that lock.
// - Interest. A publication goes to the nodes that listen to its topic, commands to the node named or to all. On Redis a
//   topic is a channel, and each node has one of its own; the control channel of all is never left.
// - Names. Events, kinds of topics and texts of reasons are constants of the program, known by their address. On the wire
//   they are text, looked up at arrival in the tables of this program's rows. What is not in them, another version may have
//   sent: nobody here listens to a kind that is unknown, and an event that is unknown is dropped.
// - An inlet is never called from within a call of the hub's to the engine.
#include <stoa/core/task.hpp>
#include <stoa/realtime/hub.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stoa::realtime {

// Published together, heard together; never changed. Shared by shards, nodes of one process and the log.
using Batch = std::shared_ptr<const std::vector<Publication>>;

// What a node does for another one. SendToSession, Relayed and CloseSession are for the session's node, the others for every node.
struct SendToSession {
  SessionId to;
  std::string_view event;  // a constant
  std::string payload;
};
struct CloseSession {
  SessionId session;
  CloseReason why;
};
struct EvictUser {
  Topic topic;
  UserId user;
};
struct DissolveTopic {
  Topic topic;
};
struct CloseUser {
  UserId user;
  CloseReason why;
};
struct CloseSignIn {
  AuthSessionId sign_in;
  CloseReason why;
};
using Command = std::variant<SendToSession, Relayed, CloseSession, EvictUser, DissolveTopic,
                             CloseUser, CloseSignIn>;

// Where a node takes in what other nodes have handed over. Any thread; one call at a time and in order for what comes
// from one node.
class Inlet {
 public:
  virtual void deliver(const Batch& batch) = 0;
  virtual void obey(const Command& command) = 0;
  // Something may have been lost since the last call.
  virtual void missed() = 0;

 protected:
  ~Inlet() = default;
};

class Broker {
 public:
  virtual ~Broker() = default;

  // Once, before anything else. `inlet` is called until close() has returned.
  virtual void open(NodeId node, Inlet& inlet) = 0;
  virtual void close() = 0;

  // The rest: any thread. To the other nodes that listen to one of the topics.
  virtual void publish(const Batch& batch) = 0;
  // Nothing happens where there is no such node.
  virtual void tell(NodeId node, Command command) = 0;
  virtual void tell_others(const Command& command) = 0;

  // This node has sessions that listen to the topic. Each shard says so for itself: what was said twice is over when it was
  // taken back twice. Sessions that were lost and may come back count as well: what is published meanwhile is kept for them.
  // Taken back also after close(), by what ends late.
  virtual void listen(const Topic& topic) = 0;
  virtual void unlisten(const Topic& topic) = 0;
  // Ends once all that other nodes publish on them from now on arrives, as far as this node listens to them. Who subscribes
  // and then reads the database waits for it in between. Throws Error{overloaded} where that takes too long.
  virtual Task<> listening(std::vector<Topic> topics) = 0;
};

// For a node that is alone.
std::unique_ptr<Broker> make_local_broker();

}  // namespace stoa::realtime
