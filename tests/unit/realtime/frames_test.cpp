// WebSocket frames: what the reader makes of pieces of any size, and what a violation gets, by unit and
// over a connection.
#include "realtime/wire/websocket/frames.hpp"

#include "realtime/wire/websocket/frame_reader.hpp"
#include "support.hpp"

#include <sys/socket.h>

namespace stoa::realtime::test {
namespace {

using websocket::FrameReader;

std::string masked(std::uint8_t first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(0xfe);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(0xff);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  constexpr unsigned char kMask[] = {0xa1, 0xb2, 0xc3, 0xd4};
  out.append(reinterpret_cast<const char*>(kMask), 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ static_cast<char>(kMask[i % 4]));
  return out;
}

// All steps, with what they carry, as words; the input comes in the given pieces.
std::string read_all(std::string bytes, std::size_t piece,
                     websocket::ReaderLimits limits = {100000, 8}) {
  FrameReader reader(limits);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string part = bytes.substr(at, piece);
    std::span<char> input(part);
    for (;;) {
      const websocket::Step step = reader.next(input);
      if (step.kind == websocket::Step::Kind::need_more) break;
      switch (step.kind) {
        case websocket::Step::Kind::message:
          out += "m(" + std::string(step.data) + ")";
          break;
        case websocket::Step::Kind::ping:
          out += "ping(" + std::string(step.data) + ")";
          break;
        case websocket::Step::Kind::pong:
          out += "pong";
          break;
        case websocket::Step::Kind::close:
          out += "close" + std::to_string(step.code);
          break;
        case websocket::Step::Kind::violation:
          out += "!" + std::to_string(step.why.code);
          break;
        case websocket::Step::Kind::need_more:
          break;
      }
    }
  }
  return out;
}

TEST(FrameReaderTest, PiecesDoNotMatter) {
  const std::string long_text(300, 'y');
  const std::string longest(70000, 'z');
  const std::string bytes = masked(0x81, "hello") + masked(0x01, "a") + masked(0x89, "p") +
                            masked(0x00, "") + masked(0x80, "b") + masked(0x81, "") +
                            masked(0x81, long_text) + masked(0x8a, "") + masked(0x81, longest) +
                            masked(0x88, "\x03\xe8");
  const std::string wanted =
      "m(hello)ping(p)m(ab)m()m(" + long_text + ")pongm(" + longest + ")close1000";
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 64UL, 1000UL, 1000000UL}) {
    EXPECT_EQ(read_all(bytes, piece), wanted) << piece;
  }
}

TEST(FrameReaderTest, Violations) {
  const std::string fragment = masked(0x01, "a");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {masked(0xc1, ""), "!1002"},  // RSV1
      {masked(0xa1, ""), "!1002"},
      {masked(0x91, ""), "!1002"},
      {std::string("\x81\x02{}", 4), "!1002"},  // unmasked
      {masked(0x83, ""), "!1002"},              // reserved opcodes
      {masked(0x8b, ""), "!1002"},
      {masked(0x09, ""), "!1002"},  // fragmented control
      {masked(0x89, std::string(126, 'x')), "!1002"},
      {masked(0x80, ""), "!1002"},              // continues nothing
      {fragment + masked(0x81, "b"), "!1002"},  // begins within another
      {masked(0x82, "b"), "!1003"},
      {masked(0x81, "\xff\xfe"), "!1007"},
      {masked(0x81, "\xed\xa0\x80"), "!1007"},
      {masked(0x88, "x"), "!1002"},
      {masked(0x88, "\x03\xed"), "!1002"},                  // 1005
      {masked(0x88, "\x03\xee"), "!1002"},                  // 1006
      {masked(0x88, std::string("\x03\xe7", 2)), "!1002"},  // 999
      {masked(0x88, "\x03\xf7"), "!1002"},                  // 1015
      {masked(0x88, "\x03\xe8\xff"), "!1007"},
      {masked(0x88, ""), "close0"},
      {masked(0x88, "\x0f\xa0"), "close4000"},
      {std::string("\x81\xff\x80\0\0\0\0\0\0\0aaaa", 14), "!1002"},  // 2^63
      {std::string("\x81\xff\x40\0\0\0\0\0\0\0aaaa", 14), "!1009"},  // 2^62
      {std::string("\x81\xff\0\0\0\0\0\0\0\x05"
                   "aaaahello",
                   19),
       "!1002"},  // longer than it need be
      {std::string("\x81\xfe\0\x05"
                   "aaaahello",
                   13),
       "!1002"},
      {masked(0x81, std::string(100001, 'x')), "!1009"},
      {masked(0x01, std::string(60000, 'x')) + masked(0x80, std::string(60000, 'x')), "!1009"},
  };
  for (const auto& [bytes, wanted] : cases) {
    for (const std::size_t piece : {1UL, 5UL, 1000000UL}) {
      EXPECT_EQ(read_all(bytes + masked(0x81, "after"), piece), wanted);
    }
  }
  std::string many;
  for (int i = 0; i < 9; ++i) many += masked(i == 0 ? 0x01 : 0x00, i % 2 == 0 ? "" : "x");
  EXPECT_EQ(read_all(many, 1000000), "!1008");
  EXPECT_EQ(read_all(many.substr(0, many.size() - masked(0x00, "").size()) + masked(0x89, ""), 3),
            "ping()");
}

TEST(FrameReaderTest, BinaryWhereItIsTaken) {
  const std::string whole = masked(0x82, "\xff\xfe");
  const std::string parts = masked(0x02, "\xff") + masked(0x80, "b") + masked(0x81, "t");
  const websocket::ReaderLimits limits{100, 8, true};
  EXPECT_EQ(read_all(whole, 1, limits), "m(\xff\xfe)");
  EXPECT_EQ(read_all(parts, 1, limits),
            "m(\xff"
            "b)m(t)");
  EXPECT_EQ(read_all(parts + masked(0x81, "\xff"), 100, limits),
            "m(\xff"
            "b)m(t)!1007");
}

TEST(FramesTest, ServersFrames) {
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 65535UL, 65536UL}) {
    const std::string text(size, 't');
    const auto frame = websocket::begin_frame(websocket::Opcode::text, size).add(text).take();
    const std::size_t header = size < 126 ? 2 : size < 65536 ? 4 : 10;
    ASSERT_EQ(frame.size(), header + size);
    EXPECT_EQ(frame.data()[0], '\x81');
    EXPECT_EQ(frame.view().substr(header), text);
  }
  EXPECT_EQ(websocket::close_frame({1000, "ok"}).view(), std::string_view("\x88\x04\x03\xe8ok", 6));
  EXPECT_EQ(websocket::close_frame({0, ""}).view(), std::string_view("\x88\x00", 2));
}

TEST(ViolationTest, OverAConnection) {
  Node node([](Config& config) { config.realtime.max_frame_bytes.bytes = 1000; });
  const auto after = [&](const std::string& bytes) {
    WsClient client = node.connect("a");
    client.write(bytes);
    const int code = client.closed();
    EXPECT_EQ(client.read().opcode, -1) << "the server ends the connection";
    return code;
  };
  EXPECT_EQ(after(masked(0xc1, "")), 1002);
  EXPECT_EQ(after(masked(0x82, "x")), 1003);
  EXPECT_EQ(after(masked(0x81, "\xff")), 1007);
  EXPECT_EQ(after(masked(0x81, std::string(1001, 'x'))), 1009);
  EXPECT_EQ(after(masked(0x88,
                         "\x03\xe8"
                         "bye")),
            1000);
  EXPECT_EQ(after(masked(0x88, "")), 0);
  std::string fragments = masked(0x01, "");
  for (int i = 0; i < 100; ++i) fragments += masked(0x00, "");
  EXPECT_EQ(after(fragments), 1008);
  EXPECT_TRUE(eventually([&] { return node.gateway().sessions() == 0; }));
}

TEST(ViolationTest, PingsAreAnsweredAndManyMessagesOfOneReadAreTaken) {
  Node node;
  WsClient client = node.connect("a");
  client.write(masked(0x89, "are you there"));
  const Frame pong = client.read(true);
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  std::string many;
  for (int i = 0; i < 2000; ++i)
    many += masked(0x81, "{\"type\":\"authenticate\",\"payload\":{\"token\":\"a\"},\"id\":" +
                             std::to_string(i) + "}");
  client.write(many);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.next()["id"], i);
}

TEST(ViolationTest, EarlyBytesBehindTheHandshakeCount) {
  Node node;
  WsClient client(node.port());
  client.write(
      "GET /ws?token=a HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      masked(0x81, "{\"type\":\"nothing\",\"id\":7}") + masked(0x81, "{\"type\":\"noth"));
  std::string all;
  char buffer[4096];
  ASSERT_TRUE(eventually([&] {
    const auto n = ::recv(client.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) all.append(buffer, static_cast<std::size_t>(n));
    return all.find("\"id\":7") != std::string::npos;
  }));
}

}  // namespace
}  // namespace stoa::realtime::test
