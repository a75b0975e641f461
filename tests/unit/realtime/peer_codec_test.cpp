// PeerServer's messages: what is read of a client's, and how its own look.
#include "realtime/wire/peerserver/peer_codec.hpp"

#include "realtime/wire/peerserver/peer_handshake.hpp"

#include <gtest/gtest.h>

namespace stoa::realtime::peerserver {
namespace {

std::string decoded(std::string_view text) {
  const Incoming in = PeerCodec().decode(text);
  return in.ignored ? "ignored" : in.type + " " + dump_json(in.payload.view().copy());
}

std::string encoded(std::string_view name, std::string_view payload) {
  const Frame frame = PeerCodec().encode_event(name, payload, 0);
  return frame ? std::string(frame.view().substr(2)) : "nothing";
}

TEST(PeerCodecTest, ReadsWhatClientsSend) {
  EXPECT_EQ(decoded(R"({"type":"HEARTBEAT"})"), "HEARTBEAT {}");
  EXPECT_EQ(
      decoded(R"( { "payload" : {"z": 1, "a":[2]} , "src":"me", "dst":"you","type":"OFFER"} )"),
      R"(OFFER {"dst":"you","payload":"{\"z\": 1, \"a\":[2]}"})");
  EXPECT_EQ(decoded(R"({"type":"ANSWER","dst":7,"payload":null})"), R"(ANSWER {"payload":"null"})");
  for (const auto* text :
       {"", "{", "null", "[]", "1", R"("OFFER")", R"({"type":"OPEN"})", R"({"type":1})", "{}",
        R"({"type":"offer"})", R"({"type":"OFFER","type":"OFFER"})", "{\"type\":\"OFFER\xff\"}"}) {
    EXPECT_EQ(decoded(text), "ignored") << text;
  }
}

TEST(PeerCodecTest, WritesExactlyItsMembers) {
  EXPECT_EQ(encoded("OPEN", "{}"), R"({"type":"OPEN"})");
  EXPECT_EQ(encoded("EXPIRE", R"({"src":"a","dst":"b"})"),
            R"({"type":"EXPIRE","src":"a","dst":"b"})");
  EXPECT_EQ(encoded("server_closing", R"({"reconnectInMs":1})"), "nothing");
  EXPECT_EQ(encoded("new_direct_message", "{}"), "nothing");
  EXPECT_FALSE(PeerCodec().encode_error("1", Error(Code::rate_limited)));
}

std::string read(const std::string& target) {
  websocket::UpgradeRequest request;
  request.target(target);
  const auto handshake = read_handshake(request);
  return handshake.id + "|" + handshake.token + "|" + handshake.key;
}

TEST(PeerHandshakeTest, ReadsTheAddress) {
  EXPECT_EQ(read("/peerjs?key=k&id=a%20b&token=t&version=1.5.5"), "a b|t|k");
  EXPECT_EQ(read("/peerjs?key=k&id=a+b&token=t"), "a b|t|k");
  EXPECT_EQ(read("/peerjs?id=a&id=b&token=&key"), "b||");
  EXPECT_EQ(read("/peerjs"), "||");
  EXPECT_EQ(read("/peerjs?id=%zz&key=k"), "%zz||k");
  EXPECT_EQ(read("/peerjs?id=a&meta[0]={x|y}&key=k"), "a||k");
}

}  // namespace
}  // namespace stoa::realtime::peerserver
