#include "realtime/wire/websocket/handshake.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/core/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <openssl/evp.h>

namespace stoa::realtime::websocket {
namespace {

namespace http = boost::beast::http;

std::string_view field(const UpgradeRequest& request, http::field name) {
  const auto value = request[name];
  return {value.data(), value.size()};
}

std::string_view strip(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// 16 bytes in base64 are 22 characters and two of padding.
bool is_key(std::string_view key) {
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, is_digit);
}

}  // namespace

void check_handshake(const UpgradeRequest& request) {
  const auto refuse = [](const char* why) {
    throw Refusal{400, Error(Code::invalid_request, why)};
  };
  if (request.method() != http::verb::get || request.version() != 11) {
    refuse("A WebSocket begins with GET and HTTP/1.1");
  }
  if (!http::token_list(request[http::field::upgrade]).exists("websocket") ||
      !http::token_list(request[http::field::connection]).exists("upgrade")) {
    refuse("This path serves WebSocket only");
  }
  if (request.count(http::field::sec_websocket_version) != 1 ||
      field(request, http::field::sec_websocket_version) != "13") {
    throw Refusal{426, Error(Code::invalid_request, "Use version 13 of the WebSocket protocol")};
  }
  if (request.count(http::field::sec_websocket_key) != 1 ||
      !is_key(field(request, http::field::sec_websocket_key))) {
    refuse("Sec-WebSocket-Key is missing or no key");
  }
}

bool origin_allowed(const UpgradeRequest& request, const Origins& origins) {
  const auto count = request.count(http::field::origin);
  if (count == 0) return true;
  return count == 1 &&
         origins.admit(field(request, http::field::origin), field(request, http::field::host));
}

std::vector<std::string_view> offered_protocols(const UpgradeRequest& request) {
  std::vector<std::string_view> out;
  const auto [first, last] = request.equal_range(http::field::sec_websocket_protocol);
  for (auto one = first; one != last; ++one) {
    std::string_view rest(one->value().data(), one->value().size());
    for (;;) {
      const auto comma = rest.find(',');
      if (const auto name = strip(rest.substr(0, comma)); !name.empty()) out.push_back(name);
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return out;
}

std::string acceptance(const UpgradeRequest& request, std::string_view protocol) {
  std::string proof(field(request, http::field::sec_websocket_key));
  proof += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(proof.data(), proof.size(), digest, &size, EVP_sha1(), nullptr);
  std::string out =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out += base64_encode({reinterpret_cast<const char*>(digest), size});
  if (!protocol.empty()) out.append("\r\nSec-WebSocket-Protocol: ").append(protocol);
  out += "\r\n\r\n";
  return out;
}

std::string refusal(const Refusal& refusal, const Client& client) {
  const Error& error = refusal.error;
  std::string body = "{\"error\":{\"code\":";
  append_json_string(body, error.code().wire);
  body += ",\"message\":";
  append_json_string(body, error.message());
  body += ",\"details\":";
  append_json(body, error.details());
  body += ",\"requestId\":";
  append_json_string(body, client.request_id);
  body += "}}";

  const auto reason = http::obsolete_reason(static_cast<http::status>(refusal.status));
  std::string out = "HTTP/1.1 " + std::to_string(refusal.status) + ' ';
  out.append(reason.data(), reason.size());
  out +=
      "\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  if (refusal.status == 426) out += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  if (refusal.status == 401) out += "WWW-Authenticate: Bearer\r\n";
  if (const auto wait = error.retry_after()) {
    out += "Retry-After: " + std::to_string(wait->count()) + "\r\n";
  }
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return out;
}

Task<bool> send_within(Duration limit, net::Stream& stream, std::string bytes) {
  using Clock = std::chrono::steady_clock;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer(stream.get_executor(),
                                                                              limit);
  // Nothing once the bytes are taken, though its time may have come meanwhile.
  const auto slow = std::make_shared<net::Stream*>(&stream);
  timer.async_wait([slow](const boost::system::error_code& cancelled) {
    boost::system::error_code ignored;
    if (!cancelled && *slow != nullptr) (*slow)->socket().close(ignored);
  });
  boost::system::error_code error;
  const auto buffer = asio::buffer(bytes);
  co_await asio::async_write(stream, buffer, asio::redirect_error(use_task, error));
  *slow = nullptr;
  co_return !error;
}

Task<> send_last(Duration limit, std::shared_ptr<net::Stream> stream, std::string answer) {
  co_await send_within(limit, *stream, std::move(answer));
  boost::system::error_code ignored;
  stream->socket().shutdown(net::Socket::shutdown_both, ignored);
}

}  // namespace stoa::realtime::websocket
