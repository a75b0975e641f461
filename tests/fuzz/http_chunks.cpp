// Bodies in chunks: the same data whatever the cuts, and the same that Beast's parser finds where both accept.
#include "http/chunks.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace {

namespace beast_http = boost::beast::http;
using stoa::http::ChunkDecoder;

constexpr std::size_t kMostLine = 1024;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Decoded {
  std::string data;
  std::size_t used = 0;
  bool done = false, refused = false;
};

// `step`: bytes that come at a time.
Decoded decode(std::string_view input, std::size_t step) {
  ChunkDecoder decoder(kMostLine);
  Decoded out;
  for (std::size_t come = std::min(step, input.size());;
       come = std::min(come + step, input.size())) {
    for (;;) {
      const auto next = decoder.next(input.substr(out.used, come - out.used));
      if (next.refusal) out.refused = true;
      require(next.used <= come - out.used);
      out.data += next.data;
      out.used += next.used;
      if (next.used == 0 || decoder.done()) break;
    }
    out.done = decoder.done();
    if (out.done || out.refused || come == input.size()) return out;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Decoded whole = decode(input, size + 1);
  for (const std::size_t step : {1, 7}) {
    const Decoded cut = decode(input, step);
    require(cut.done == whole.done && cut.refused == whole.refused);
    if (whole.done) require(cut.data == whole.data && cut.used == whole.used);
  }
  if (!whole.done) return 0;

  beast_http::request_parser<beast_http::string_body> parser;
  parser.eager(true);
  parser.body_limit(boost::none);
  boost::beast::error_code failed;
  std::string message = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::size_t head = message.size();
  message += input;
  std::size_t used = 0;
  while (!failed && !parser.is_done() && used < message.size()) {
    const auto count =
        parser.put(boost::asio::buffer(message.data() + used, message.size() - used), failed);
    used += count;
    if (count == 0) break;
  }
  // Beast refuses some extensions and trailers that we pass over; it must never find other data.
  if (failed || !parser.is_done()) return 0;
  require(parser.get().body() == whole.data);
  require(used == head + whole.used);
  return 0;
}
