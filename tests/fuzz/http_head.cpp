// The framing guard: whatever it lets through has one meaning, and Beast's parser finds the same one.
#include "http/framing.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace {

namespace beast_http = boost::beast::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void compare_with_beast(std::string_view block, const stoa::http::Head& head) {
  beast_http::request_parser<beast_http::string_body> parser;
  parser.body_limit(boost::none);
  parser.header_limit(1 << 20);
  boost::beast::error_code failed;
  const auto used = parser.put(boost::asio::buffer(block.data(), block.size()), failed);
  // Beast refuses more than the guard in places; it must never accept another meaning.
  if (failed && failed != beast_http::error::need_more) return;
  require(used == block.size());
  require(parser.chunked() == head.chunked);
  require(!head.content_length || parser.content_length().value_or(0) == *head.content_length);
  require(std::string_view(parser.get().target()) == head.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr stoa::http::HeadLimits kLimits{16 * 1024, 100};
  std::size_t from = 0;
  const auto end = stoa::http::find_head_end(input, from, kLimits);
  // Cut anywhere, the end is the same.
  std::size_t resumed = 0;
  stoa::http::HeadEnd again;
  for (std::size_t cut = 0; cut <= size && again.size == 0 && !again.refusal; cut += 7) {
    again = stoa::http::find_head_end(input.substr(0, cut), resumed, kLimits);
  }
  if (again.size == 0 && !again.refusal) again = stoa::http::find_head_end(input, resumed, kLimits);
  require(again.size == end.size || end.refusal || again.refusal);
  if (end.refusal || end.size == 0) return 0;

  const auto block = input.substr(0, end.size);
  stoa::http::Head head;
  stoa::http::Headers headers;
  if (stoa::http::read_head(block, kLimits, head, headers)) return 0;
  require(!(head.chunked && head.content_length));
  require(!(head.chunked && head.http_1_0));
  require(head.http_1_0 || headers.find("host"));
  compare_with_beast(block, head);
  return 0;
}
