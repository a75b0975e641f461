#include <stoa/core/values.hpp>

#include <simdjson.h>

namespace stoa {

bool is_valid_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace stoa
