#pragma once
// Requests, answers and events of mesh calls. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/core/json.hpp>
#include <stoa/realtime/outgoing.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::calls {

using PeerId = Id<struct PeerTag>;  // a seat in a call

// ---- What is relayed ----

struct PeerMedia {
  bool audio = false;
  bool video = false;
  bool screen = false;
  Or<bool, false> hand_raised;
};
BOOST_DESCRIBE_STRUCT(PeerMedia, (), (audio, video, screen, hand_raised))

enum class DescriptionType { offer, answer, pranswer };
BOOST_DESCRIBE_ENUM(DescriptionType, offer, answer, pranswer)

// RTCSessionDescriptionInit
struct SessionDescription {
  DescriptionType type = DescriptionType::offer;
  Verbatim<1, 65536> sdp;
};
BOOST_DESCRIBE_STRUCT(SessionDescription, (), (type, sdp))

// RTCIceCandidateInit
struct IceCandidate {
  Verbatim<0, 4096> candidate;
  std::optional<Verbatim<0, 256>> sdp_mid;
  std::optional<Bounded<int, 0, 65535>> sdp_m_line_index;
  std::optional<Verbatim<0, 256>> username_fragment;
};
BOOST_DESCRIBE_STRUCT(IceCandidate, (), (candidate, sdp_mid, sdp_m_line_index, username_fragment))

// ---- Requests ----

struct CallJoin {
  RoomId room_id;
  PeerMedia media;
};
BOOST_DESCRIBE_STRUCT(CallJoin, (), (room_id, media))

// PeerNet's (join-room): who that is is checked against the token, never believed.
struct PeerNetJoin {
  RoomId room_id;
  Verbatim<1, 255> user_id;  // or what a direct provider calls that person ("sub")
};
BOOST_DESCRIBE_STRUCT(PeerNetJoin, (), (room_id, user_id))

struct CallLeave {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(CallLeave, (), (room_id))

struct SendDescription {
  RoomId room_id;
  PeerId to;
  SessionDescription description;
};
BOOST_DESCRIBE_STRUCT(SendDescription, (), (room_id, to, description))

// null: there are no more.
struct SendCandidate {
  RoomId room_id;
  PeerId to;
  std::optional<IceCandidate> candidate;
};
BOOST_DESCRIBE_STRUCT(SendCandidate, (), (room_id, to, candidate))

struct SendSignal {
  std::optional<RoomId> room_id;  // none: that of the one call that the session is in
  PeerId to;
  Json signal;
};
BOOST_DESCRIBE_STRUCT(SendSignal, (), (room_id, to, signal))

struct SetMedia : PeerMedia {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(SetMedia, (PeerMedia), (room_id))

// ---- Answers and events ----

struct PeerView {
  PeerId peer_id;
  UserId user_id;
  std::string name;
  PeerMedia media;
  bool polite = false;     // whether the reader gives way to this peer when their offers collide
  bool initiates = false;  // it offers to the reader, whoever came first, and all by `signal`
};
BOOST_DESCRIBE_STRUCT(PeerView, (), (peer_id, user_id, name, media, polite, initiates))

struct IceServer {
  std::vector<std::string> urls;
  Omittable<std::string> username;
  Omittable<std::string> credential;
};
BOOST_DESCRIBE_STRUCT(IceServer, (), (urls, username, credential))

struct IceServers {
  std::vector<IceServer> ice_servers;
  std::optional<Timestamp> expires_at;  // of the credentials, where there are any
};
BOOST_DESCRIBE_STRUCT(IceServers, (), (ice_servers, expires_at))

struct CallSeat {
  PeerId peer_id;
  std::vector<PeerView> peers;
  std::vector<IceServer> ice_servers;
};
BOOST_DESCRIBE_STRUCT(CallSeat, (), (peer_id, peers, ice_servers))

struct PeerJoined {
  RoomId room_id;
  PeerView peer;
};
BOOST_DESCRIBE_STRUCT(PeerJoined, (), (room_id, peer))

struct PeerLeft {
  RoomId room_id;
  PeerId peer_id;
};
BOOST_DESCRIBE_STRUCT(PeerLeft, (), (room_id, peer_id))

// Its own peer, as its answer named it.
struct RemovedFromCall {
  RoomId room_id;
  PeerId peer_id;
};
BOOST_DESCRIBE_STRUCT(RemovedFromCall, (), (room_id, peer_id))

// For everybody in the room, in the call or not.
struct RoomCallUpdated {
  RoomId room_id;
  int participants = 0;  // people; each once, however many peers they have
};
BOOST_DESCRIBE_STRUCT(RoomCallUpdated, (), (room_id, participants))

struct RelayedDescription {
  RoomId room_id;
  PeerId from;
  SessionDescription description;
};
BOOST_DESCRIBE_STRUCT(RelayedDescription, (), (room_id, from, description))

struct RelayedCandidate {
  RoomId room_id;
  PeerId from;
  std::optional<IceCandidate> candidate;
};
BOOST_DESCRIBE_STRUCT(RelayedCandidate, (), (room_id, from, candidate))

struct RelayedSignal {
  RoomId room_id;
  PeerId from;
  Json signal;
};
BOOST_DESCRIBE_STRUCT(RelayedSignal, (), (room_id, from, signal))

struct MediaChanged : PeerMedia {
  RoomId room_id;
  PeerId from;
};
BOOST_DESCRIBE_STRUCT(MediaChanged, (PeerMedia), (room_id, from))

using realtime::Outgoing;
inline constexpr Outgoing<PeerJoined> kPeerJoined{"peer_joined", "Somebody joined the call"};
inline constexpr Outgoing<PeerLeft> kPeerLeft{"peer_left", "Somebody is out of the call"};
inline constexpr Outgoing<RemovedFromCall> kRemovedFromCall{
    "removed_from_call", "To a connection whose seat another one of the same person has taken"};
inline constexpr Outgoing<RoomCallUpdated> kRoomCallUpdated{
    "room_call_updated", "How many are in the room's call has changed; to all in the room"};
inline constexpr Outgoing<RelayedDescription> kOffer{"offer", "A peer's offer"};
inline constexpr Outgoing<RelayedDescription> kAnswer{"answer", "A peer's answer"};
inline constexpr Outgoing<RelayedCandidate> kIceCandidate{"ice_candidate", "A peer's candidate"};
inline constexpr Outgoing<RelayedSignal> kSignal{"signal", "Whatever a peer sent"};
inline constexpr Outgoing<MediaChanged> kMediaState{
    "media_state", "What a peer sends, and whether its hand is up"};

// PeerNet's words for the same, with the peer's id alone.
inline constexpr Outgoing<PeerId> kUserConnected{
    "user-connected", "Somebody joined the call; to those who came by join-room"};
inline constexpr Outgoing<PeerId> kUserDisconnected{
    "user-disconnected", "Somebody is out of the call; to those who came by join-room"};

}  // namespace stoa::calls
