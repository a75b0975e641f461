#include "http/client.hpp"

#include "http/chars.hpp"
#include "http/printable.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <vector>

namespace stoa::http {
namespace {

namespace ip = boost::asio::ip;

// Of what a proxy could not name: it belongs to no network that anybody trusts.
const ip::address kUnknown = ip::address_v4::any();

// An address, with the port that some gateways add: "198.51.100.4:51234", "[2001:db8::9]:5555".
ip::address read_hop(std::string_view hop) {
  const auto colon = hop.rfind(':');
  const bool in_brackets = hop.starts_with('[');
  const bool has_port = in_brackets ? hop.find("]:") != std::string_view::npos
                                    : colon != std::string_view::npos && hop.find(':') == colon;
  if (has_port) {
    std::uint16_t port = 0;
    const char* end = hop.data() + hop.size();
    const auto [read, error] = std::from_chars(hop.data() + colon + 1, end, port);
    if (error != std::errc{} || read != end) return kUnknown;
    hop = hop.substr(0, colon);
  }
  if (in_brackets) {
    if (!hop.ends_with(']') || hop.find(':') == std::string_view::npos) return kUnknown;
    hop = hop.substr(1, hop.size() - 2);
  }
  boost::system::error_code failed;
  const auto address = ip::make_address(std::string(hop), failed);
  return failed ? kUnknown : net::plain(address);
}

// From right to left: each proxy added the address that it saw, so the first that is not one of ours is
// the client; what stands further left is the client's own claim.
ip::address behind_proxies(const Headers& headers, const Peer& peer, const net::Networks& trusted) {
  std::vector<std::string_view> hops;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    if (name == "x-forwarded-for") {
      for_each_element(value, [&](std::string_view hop) { hops.push_back(hop); });
    }
  }
  ip::address client = peer.address;
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    client = read_hop(*hop);
    if (client.is_unspecified() || !trusted.contains(client)) break;
  }
  return client;
}

}  // namespace

ip::address identify_client(Request& request, const Peer& peer, const net::Networks& trusted) {
  ip::address client = peer.address;
  request.secure = peer.secure;
  if (peer.trusted) {
    client = behind_proxies(request.headers, peer, trusted);
    if (const auto scheme = request.headers.find("x-forwarded-proto")) {
      request.secure = equals_ignoring_case(*scheme, "https");
    }
    request.client.address = client.to_string();
  } else {
    request.client.address = peer.text;
  }
  if (const auto agent = request.headers.find("user-agent")) {
    request.client.user_agent = printable(*agent);
  }
  return client;
}

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

RequestIds::RequestIds() {
  std::random_device random;
  char text[16];
  for (int i = 0; i < 2; ++i) {
    const auto end = std::to_chars(text, text + sizeof text, random() | 0x80000000U, 16).ptr;
    prefix_.append(text, end);
  }
  prefix_ += '-';
}

std::string RequestIds::next() {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, ++count_).ptr;
  std::string id;
  id.reserve(prefix_.size() + sizeof text);
  id.append(prefix_).append(text, end);
  return id;
}

}  // namespace stoa::http
