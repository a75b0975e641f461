// The router's target parsing: what it accepts is clean, and decoding it again changes nothing.
#include "http/target.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/values.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto target = stoa::http::parse_target({reinterpret_cast<const char*>(data), size});
    const auto& path = target.path;
    if (path == "*") return 0;
    require(!path.empty() && path.front() == '/');
    require(path.find("//") == std::string::npos && path.find('\\') == std::string::npos);
    require((path + "/").find("/./") == std::string::npos);
    require((path + "/").find("/../") == std::string::npos);
    require(path.find('\0') == std::string::npos && stoa::is_valid_utf8(path));
    const auto query = stoa::http::parse_query(target.query);
    require(query.size() <= stoa::http::kMaxQueryParameters);
    for (const auto& [name, value] : query) {
      require(stoa::is_valid_utf8(name) && stoa::is_valid_utf8(value));
      require(value.find('\0') == std::string::npos);
    }
  } catch (const stoa::Error& error) {
    require(error.code() == stoa::Code::invalid_request);
  }
  return 0;
}
