#include <stoa/core/names.hpp>

namespace stoa {

std::string schema_name(std::string_view qualified) {
  std::string out;
  std::size_t word = 0;  // where the present word began; "ns::" takes it back
  for (std::size_t i = 0; i < qualified.size(); ++i) {
    const char c = qualified[i];
    if (c == ':') {
      out.resize(word);
    } else if (c == '<' || c == '>' || c == ',' || c == ' ' || c == '{' || c == '}') {
      word = out.size();
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace stoa
