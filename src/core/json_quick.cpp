#include "core/json_quick.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <simdjson.h>

namespace stoa {
namespace {

constexpr std::size_t kMaxText = 32 * 1024;

// Copies simdjson's tree. Any false: it is not for this parser.
class Copier {
 public:
  explicit Copier(JsonLimits limits) : limits_(limits) {}

  bool copy(const simdjson::dom::element& from, Json& to, std::size_t depth = 0) {
    using Type = simdjson::dom::element_type;
    if (++elements_ > limits_.elements) return false;
    switch (from.type()) {
      case Type::OBJECT:
        return depth < limits_.depth &&
               copy_object(from.get_object().value_unsafe(), to, depth + 1);
      case Type::ARRAY:
        return depth < limits_.depth && copy_array(from.get_array().value_unsafe(), to, depth + 1);
      case Type::STRING:
        return copy_string(from.get_string().value_unsafe(), to);
      case Type::INT64:
        to = number(from.get_int64().value_unsafe());
        return true;
      case Type::UINT64:
        to = from.get_uint64().value_unsafe();
        return true;
      case Type::DOUBLE:
        to = from.get_double().value_unsafe();
        return std::isfinite(from.get_double().value_unsafe());
      case Type::BOOL:
        to = from.get_bool().value_unsafe();
        return true;
      case Type::NULL_VALUE:
        to = nullptr;
        return true;
      default:
        return false;
    }
  }

  // The members of the text's own object.
  bool copy_members(const simdjson::dom::object& from, std::span<const JsonMember> wanted) {
    constexpr std::size_t kMost = 16;  // of all members: more are not for this parser
    std::array<std::string_view, kMost> names;
    std::size_t count = 0;
    ++elements_;
    for (const auto& [name, value] : from) {
      const auto seen = names.begin() + static_cast<std::ptrdiff_t>(count);
      if (count == kMost || has_nul(name) || std::find(names.begin(), seen, name) != seen)
        return false;
      names[count++] = name;
      const auto one = std::find_if(wanted.begin(), wanted.end(),
                                    [&](const JsonMember& member) { return member.name == name; });
      Json dropped;
      if (!copy(value, one == wanted.end() ? dropped : *one->value, 1)) return false;
    }
    return true;
  }

 private:
  // nlohmann-json keeps what is not negative as unsigned.
  static Json number(std::int64_t value) {
    return value < 0 ? Json(value) : Json(static_cast<std::uint64_t>(value));
  }

  static bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

  static bool copy_string(std::string_view from, Json& to) {
    to = std::string(from);
    return !has_nul(from);
  }

  bool copy_object(const simdjson::dom::object& from, Json& to, std::size_t depth) {
    to = Json::object();
    auto& members = to.get_ref<Json::object_t&>();
    for (const auto& [name, value] : from) {
      if (has_nul(name)) return false;
      const auto [place, is_new] = members.emplace(std::string(name), nullptr);
      if (!is_new || !copy(value, place->second, depth)) return false;
    }
    return true;
  }

  bool copy_array(const simdjson::dom::array& from, Json& to, std::size_t depth) {
    to = Json::array();
    auto& items = to.get_ref<Json::array_t&>();
    for (const simdjson::dom::element item : from) {
      if (!copy(item, items.emplace_back(), depth)) return false;
    }
    return true;
  }

  const JsonLimits limits_;
  std::size_t elements_ = 0;
};

// simdjson reads some bytes past the end.
struct Workplace {
  simdjson::dom::parser parser{kMaxText};
  std::unique_ptr<char[]> text = std::make_unique<char[]>(kMaxText + simdjson::SIMDJSON_PADDING);
};

// False where it is not for this parser. The tree is good until the thread's next call.
bool parse(std::string_view text, simdjson::dom::element& root) {
  if (text.size() > kMaxText) return false;
  thread_local Workplace here;
  std::memcpy(here.text.get(), text.data(), text.size());
  std::memset(here.text.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return here.parser.parse(here.text.get(), text.size(), false).get(root) == simdjson::SUCCESS;
}

}  // namespace

std::optional<Json> parse_json_quickly(std::string_view text, JsonLimits limits) {
  simdjson::dom::element root;
  if (!parse(text, root)) return std::nullopt;
  std::optional<Json> out(std::in_place);
  if (!Copier(limits).copy(root, *out)) out.reset();
  return out;
}

std::optional<bool> parse_json_members_quickly(std::string_view text,
                                               std::span<const JsonMember> wanted,
                                               JsonLimits limits) {
  simdjson::dom::element root;
  if (!parse(text, root)) return std::nullopt;
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return std::nullopt;
  if (limits.depth == 0 || !Copier(limits).copy_members(object, wanted)) return std::nullopt;
  return true;
}

}  // namespace stoa
