#pragma once
// Which node something belongs to: a process that serves sockets, from its start to its end. A process that starts
// again is another node, even under the same name, so that what names a node is never mistaken for what its
// predecessor had: sessions, offsets, private ids. Plain values, safe on any thread.
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace stoa::realtime {

// Random at each start.
struct NodeId {
  std::uint64_t number = 0;  // 0: no node's

  static NodeId make();
  std::string str() const;  // 11 characters of base64url
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

// A session of some node: its shard there, and a number that the node never uses twice.
struct SessionId {
  std::uint32_t shard = 0;
  std::uint64_t number = 0;
  NodeId node = {};
  friend auto operator<=>(const SessionId&, const SessionId&) = default;
};

// A node as it knows itself.
struct NodeIdentity {
  NodeId id;
  std::string
      name;  // for people, and for load balancers, which find it at the front of Engine.IO's session ids

  // `name`: server.node of the configuration; empty: one is made up, another one at each start.
  static NodeIdentity make(std::string_view name);
};

}  // namespace stoa::realtime

template <>
struct std::hash<stoa::realtime::NodeId> {
  std::size_t operator()(const stoa::realtime::NodeId& id) const noexcept { return id.number; }
};

template <>
struct std::hash<stoa::realtime::SessionId> {
  std::size_t operator()(const stoa::realtime::SessionId& id) const noexcept {
    return std::hash<std::uint64_t>{}((id.number * 64 + id.shard) ^ id.node.number);
  }
};
