#include "core/json_quick.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/values.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

namespace stoa {
namespace {

// Builds the tree and enforces what nlohmann-json leaves open. Any false stops the parser.
class BoundedSax : public nlohmann::json_sax<Json> {
 public:
  BoundedSax(Json& root, JsonLimits limits) : root_(root), limits_(limits) {}

  const std::string& problem() const noexcept { return problem_; }

  bool null() override { return add(Json(nullptr)); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(std::int64_t value) override { return add(Json(value)); }
  bool number_unsigned(std::uint64_t value) override { return add(Json(value)); }
  bool number_float(double value, const std::string&) override {
    if (!std::isfinite(value)) return refuse("a number is out of range");
    return add(Json(value));
  }
  bool string(std::string& value) override {
    if (value.find('\0') != std::string::npos) return refuse("a string contains NUL");
    return add(Json(std::move(value)));
  }
  bool binary(Json::binary_t&) override { return refuse("binary is not JSON"); }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    if (name.find('\0') != std::string::npos) return refuse("a member's name contains NUL");
    auto& object = stack_.back()->get_ref<Json::object_t&>();
    const auto [place, is_new] = object.emplace(name, nullptr);
    if (!is_new) return refuse("a member stands twice in one object");
    slot_ = &place->second;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse("not JSON at byte " + std::to_string(position));
  }

 private:
  bool refuse(std::string why) {
    if (problem_.empty()) problem_ = std::move(why);
    return false;
  }

  Json* place(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (stack_.back()->is_array()) {
      auto& array = stack_.back()->get_ref<Json::array_t&>();
      array.push_back(std::move(value));
      return &array.back();
    }
    *slot_ = std::move(value);
    return slot_;
  }

  bool add(Json value) {
    if (++elements_ > limits_.elements) return refuse("too many values");
    place(std::move(value));
    return true;
  }
  bool open(Json container) {
    if (++elements_ > limits_.elements) return refuse("too many values");
    if (stack_.size() >= limits_.depth) {
      return refuse("nested deeper than " + std::to_string(limits_.depth));
    }
    stack_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  Json& root_;
  JsonLimits limits_;
  // Pointers into the tree stay good: an array grows only while its child containers are closed.
  std::vector<Json*> stack_;
  Json* slot_ = nullptr;
  std::size_t elements_ = 0;
  std::string problem_;
};

// Whether one of eight bytes is escaped in JSON: a control character, a quotation mark, a backslash. A byte's high bit
// tells whether it is less than what is taken from it: the lowest that is cannot be mistaken, those above it may be.
bool has_escaped(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  const std::uint64_t quotes = bytes ^ ('"' * kOnes);
  const std::uint64_t backslashes = bytes ^ ('\\' * kOnes);
  const std::uint64_t below = (bytes - 0x20 * kOnes) & ~bytes;
  return ((below | ((quotes - kOnes) & ~quotes) | ((backslashes - kOnes) & ~backslashes)) &
          kHigh) != 0;
}

// Where the next byte stands that is escaped in JSON; the text's size when there is none.
std::size_t plain_bytes(std::string_view text, std::size_t from) noexcept {
  std::size_t i = from;
  for (std::uint64_t bytes; i + sizeof bytes <= text.size(); i += sizeof bytes) {
    std::memcpy(&bytes, text.data() + i, sizeof bytes);
    if (has_escaped(bytes)) break;
  }
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == '"' || c == '\\') break;
    ++i;
  }
  return i;
}

}  // namespace

Json parse_json(std::string_view text, JsonLimits limits) {
  if (auto json = parse_json_quickly(text, limits)) return std::move(*json);
  return parse_json_thoroughly(text, limits);
}

JsonDocument parse_json_document(std::string_view text, JsonLimits limits) {
  if (auto document = parse_document_quickly(text, limits)) return std::move(*document);
  return parse_json_thoroughly(text, limits);
}

Json parse_json_thoroughly(std::string_view text, JsonLimits limits) {
  if (!is_valid_utf8(text)) throw Error(Code::invalid_request, "The body is not valid UTF-8");
  // nlohmann-json takes NUL for the end and would not look at what follows.
  if (text.find('\0') != std::string_view::npos) {
    throw Error(Code::invalid_request, "The body is not acceptable JSON: it contains NUL");
  }
  Json root;
  BoundedSax sax(root, limits);
  if (!Json::sax_parse(text.begin(), text.end(), &sax)) {
    throw Error(Code::invalid_request, "The body is not acceptable JSON: " + sax.problem());
  }
  return root;
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_json(std::string& out, const Json& value) {
  out += dump_json(value);
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = plain_bytes(text, 0); i < text.size(); i = plain_bytes(text, i + 1)) {
    const auto c = static_cast<unsigned char>(text[i]);
    out.append(text, from, i - from);
    from = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, from, text.size() - from);
  out += '"';
}

void append_json_number(std::string& out, std::int64_t value) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

void append_json_number(std::string& out, std::uint64_t value) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

}  // namespace stoa
