#include "attacks.hpp"

#include "frame.hpp"
#include "http.hpp"

#include <random>
#include <string_view>

namespace attack {
namespace {

constexpr std::size_t kSocketAccounts = 10;
constexpr std::string_view kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kEngine = "/socket.io/?EIO=4&transport=";
constexpr char kSeparator = '\x1e';

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  out.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) out.append(text);
  return out;
}

std::string frame(std::string_view text, load::Opcode opcode = load::kText) {
  std::string out;
  load::append_client_frame(out, opcode, text);
  return out;
}

std::string event(std::string_view type, std::string_view payload) {
  std::string text = "{\"type\":\"";
  text.append(type).append("\",\"payload\":").append(payload).append(",\"id\":1}");
  return frame(text);
}

// In one-byte fragments.
std::string in_fragments(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto opcode = i == 0 ? load::kText : load::kContinuation;
    std::string one = frame(text.substr(i, 1), opcode);
    if (i + 1 < text.size()) one[0] = static_cast<char>(one[0] & 0x7f);
    out += one;
  }
  return out;
}

// For each account what `make` makes of its token.
template <class Make>
std::vector<Script> for_each_account(const World& world, Make&& make) {
  std::vector<Script> out;
  for (const std::string& token : world.tokens) out.push_back(make(token));
  return out;
}

// A socket of the native protocol that then floods with `bytes`.
auto native(std::function<std::string(const World&)> flood) {
  return [flood = std::move(flood)](const World& world) {
    return for_each_account(world, [&](const std::string& token) {
      Script script;
      script.opening = request("GET", "/ws", token, {}, kUpgrade);
      script.until = "\r\n\r\n";
      script.flood = flood(world);
      return script;
    });
  };
}

// A Socket.IO client over a WebSocket, connected.
auto socketio(std::function<std::string(const World&)> flood) {
  return [flood = std::move(flood)](const World& world) {
    return for_each_account(world, [&](const std::string& token) {
      Script script;
      script.opening = request("GET", std::string(kEngine) + "websocket", {}, {}, kUpgrade);
      script.until = "\"sid\"";
      script.second = frame("40{\"token\":\"" + token + "\"}");
      script.until_second = "40{\"sid\"";
      script.flood = flood(world);
      return script;
    });
  };
}

// Requests, one behind the other, each with the account's token.
auto requests(std::function<std::string(const World&, const std::string& token)> flood) {
  return [flood = std::move(flood)](const World& world) {
    return for_each_account(world, [&](const std::string& token) {
      Script script;
      script.flood = flood(world, token);
      return script;
    });
  };
}

std::vector<Script> once(Script script) {
  return {std::move(script)};
}

// A client that polls: `body` is posted and the answer taken home, again and again; it begins anew when its session is gone.
Script polling(std::string body) {
  Script script;
  script.opening = request("GET", std::string(kEngine) + "polling");
  script.until = "\"sid\"";
  script.flood_for = [body = std::move(body)](const std::string& answer) {
    const std::string path = std::string(kEngine) + "polling&sid=" + member(answer, "sid");
    return request("POST", path, {}, body, "Content-Type: text/plain;charset=UTF-8\r\n");
  };
  script.over = "HTTP/1.1 400";
  return script;
}

// One that has connected and asks for something that is answered, and polls for it.
Script polling_in_turns(const std::string& token) {
  Script script;
  script.opening = request("GET", std::string(kEngine) + "polling");
  script.until = "\"sid\"";
  script.flood_for = [token](const std::string& answer) {
    const std::string path = std::string(kEngine) + "polling&sid=" + member(answer, "sid");
    const auto post = [&](std::string_view body) {
      return request("POST", path, {}, body, "Content-Type: text/plain;charset=UTF-8\r\n");
    };
    return post("40{\"token\":\"" + token + "\"}") + request("GET", path) +
           times(60, post(R"(421["heartbeat",{}])") + request("GET", path));
  };
  script.over = "HTTP/1.1 400";
  return script;
}

std::string in_room(const World& world, std::string_view more = {}) {
  return R"({"roomId":")" + world.room + '"' + std::string(more) + '}';
}

std::string message_event(const World& world, const std::string& text) {
  return event("send_message", in_room(world, ",\"content\":\"" + text + '"'));
}

std::string long_messages(const World& world) {
  std::string out;
  for (int i = 0; i < 16; ++i) out += message_event(world, random_words(15 * 1024));
  return out;
}

std::string megabytes(const World& world) {
  const std::string list = times(19'000, R"({"a":[1,"bcdefgh",{"i":null}]},)");
  return frame("42[\"send_message\"," + in_room(world, ",\"content\":[" + list + "0]") + "]");
}

std::string long_texts(const World& world) {
  const std::string text = times(990'000, "x");
  return frame("42[\"send_message\"," + in_room(world, ",\"content\":\"" + text + '"') + "]");
}

std::vector<Script> resets(const World&) {
  const std::string upgrade = request("GET", "/ws", "x", {}, kUpgrade);
  const std::string engine = request("GET", std::string(kEngine) + "websocket", {}, {}, kUpgrade);
  std::vector<Script> out;
  for (const std::string& text :
       {std::string("G"), upgrade.substr(0, upgrade.size() / 2), upgrade, engine,
        engine.substr(0, engine.size() - 2), request("GET", "/healthz"), engine + frame("40")}) {
    Script script;
    script.opening = text;
    script.resets = true;
    out.push_back(std::move(script));
  }
  return out;
}

}  // namespace

std::string random_words(std::size_t bytes) {
  static std::minstd_rand random{std::random_device{}()};
  std::string out;
  while (out.size() < bytes) {
    for (int i = 0; i < 5; ++i) out += static_cast<char>('a' + random() % 26);
    out += ' ';
  }
  return out;
}

std::vector<Row> rows() {
  const auto accounts = kSocketAccounts;
  return {
      {"calm", "nothing", 0, 0, [](const World&) { return std::vector<Script>(); }},
      {"pipeline-health", "`GET /healthz`, pipelined", 0, 0,
       [](const World&) {
         Script script;
         script.flood = times(500, request("GET", "/healthz"));
         return once(script);
       }},
      {"pipeline-read", "`GET /api/rooms/{id}` with a token, pipelined", accounts, 0,
       requests([](const World& world, const std::string& token) {
         return times(100, request("GET", "/api/rooms/" + world.room, token));
       })},
      {"frames-pings", "WebSocket pings of no bytes on `/ws`", accounts, 0,
       native([](const World&) { return times(10'000, frame("", load::kPing)); })},
      {"frames-tiny", "messages of two bytes on `/ws`", accounts, 0,
       native([](const World&) { return times(10'000, frame("{}")); })},
      {"frames-serial", "events that are done one after the other, on `/ws`", accounts, 0,
       native([](const World& world) {
         return times(1000, event("typing", in_room(world, ",\"isTyping\":true")));
       })},
      {"fragments", "messages in fragments of one byte, on `/ws`", accounts, 0,
       native([](const World&) {
         return times(500, in_fragments(R"({"type":"heartbeat","payload":{}})"));
       })},
      {"packets-noop", "Engine.IO packets of one byte in WebSocket frames", accounts, 0,
       socketio([](const World&) { return times(10'000, frame("6")); })},
      {"packets-ack", "Socket.IO acknowledgements that nobody asked for", accounts, 0,
       socketio([](const World&) { return times(10'000, frame("431[]")); })},
      {"polling-noop", "10,000 Engine.IO packets of one byte in each polling request", 0, 0,
       [](const World&) {
         return once(polling(times(9'999, std::string("6") + kSeparator) + "6"));
       }},
      {"polling-connect", "Socket.IO CONNECTs in polling requests", 0, 0,
       [](const World&) {
         return once(polling(times(5'000, std::string("40/x,") + kSeparator) + "40/x,"));
       }},
      {"polling-loop", "polls and posts in turns", accounts, 0,
       [](const World& world) { return for_each_account(world, polling_in_turns); }},
      {"json-values", "Socket.IO messages of 600 KB with 76,000 JSON values", accounts, 0,
       socketio(megabytes)},
      {"json-text", "Socket.IO messages of 1 MB", accounts, 0, socketio(long_texts)},
      {"words", "messages of 15 KiB of random words", accounts, 0, native(long_messages)},
      {"gzip-history", "`GET /api/messages/room/{id}?limit=100`, 256 KiB, compressed", accounts,
       200, requests([](const World& world, const std::string& token) {
         return times(100, request("GET", "/api/messages/room/" + world.room + "?limit=100", token,
                                   {}, "Accept-Encoding: gzip\r\n"));
       })},
      {"gzip-openapi", "`GET /openapi.json`, compressed", 0, 0,
       [](const World&) {
         Script script;
         script.flood =
             times(100, request("GET", "/openapi.json", {}, {}, "Accept-Encoding: gzip\r\n"));
         return once(script);
       }},
      {"join-old", "`join_room` with `sinceSeq` 0 where 600 messages of 15 KiB were missed",
       accounts, 600, native([](const World& world) {
         return times(20, event("join_room", in_room(world, ",\"sinceSeq\":0")));
       })},
      {"handshakes", "upgrades to `/ws` with a token, then the end", accounts, 0,
       [](const World& world) {
         return for_each_account(world, [](const std::string& token) {
           Script script;
           script.opening = request("GET", "/ws", token, {}, kUpgrade);
           script.until = "\r\n\r\n";
           return script;
         });
       }},
      {"handshakes-polling", "Engine.IO handshakes of sessions that are never used", 0, 0,
       [](const World&) {
         Script script;
         script.flood = times(100, request("GET", std::string(kEngine) + "polling"));
         return once(script);
       }},
      {"connects", "Socket.IO CONNECTs with a token and the next connection", accounts, 0,
       [](const World& world) {
         return for_each_account(world, [](const std::string& token) {
           Script script;
           script.opening = request("GET", std::string(kEngine) + "websocket", {}, {}, kUpgrade);
           script.until = "\"sid\"";
           script.second = frame("40{\"token\":\"" + token + "\"}");
           script.until_second = "40{\"sid\"";
           return script;
         });
       }},
      {"connects-forged", "Socket.IO CONNECTs with a token that is none", 0, 0,
       [](const World&) {
         Script script;
         script.opening = request("GET", std::string(kEngine) + "websocket", {}, {}, kUpgrade);
         script.until = "\"sid\"";
         script.flood = times(10, frame(R"(40{"token":"eyJhbGciOiJIUzI1NiJ9.e30.x"})"));
         return once(script);
       }},
      {"passwords", "wrong passwords", 0, 0,
       [](const World&) {
         Script script;
         script.flood =
             times(20, request("POST", "/api/auth/login", {},
                               R"({"email":"nobody@example.org","password":"wrong horse 42"})"));
         return once(script);
       }},
      {"search", "`GET /api/messages/search`", accounts, 200,
       requests([](const World&, const std::string& token) {
         return times(100, request("GET", "/api/messages/search?q=a%20or%20b%20or%20-c", token));
       })},
      {"resets", "resets at every stage of a request and of a handshake", 0, 0, resets},
  };
}

}  // namespace attack
