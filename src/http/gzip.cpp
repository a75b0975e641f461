#include "http/gzip.hpp"

#include <stdexcept>

#include <zlib.h>

namespace stoa::http {

std::string gzip(std::string_view content, int level) {
  constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for a gzip wrapper
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib: no memory");
  }
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  const auto size = stream.total_out;
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib: could not compress");
  out.resize(size);
  return out;
}

}  // namespace stoa::http
