#include "core/json_quick.hpp"

#include "core/json_flat.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace stoa {
namespace {

using Element = FlatJson::Element;

constexpr std::size_t kMaxText = 32 * 1024;
constexpr std::size_t kMaxSpare = 4 * 1024;  // bytes of text that a kept document has room for

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

// What simdjson leaves open: depth, number of values, NUL, names that stand twice, numbers out of range. Any false: the
// text is not for this parser.
class Checker {
 public:
  // `has_escapes`: without one no string holds a NUL, for the parser takes no control character as it is.
  Checker(JsonLimits limits, bool has_escapes) : limits_(limits), has_escapes_(has_escapes) {}

  bool check(const Element& element, std::size_t depth = 0) {
    using Type = simdjson::dom::element_type;
    if (++elements_ > limits_.elements) return false;
    switch (element.type()) {
      case Type::OBJECT:
        return depth < limits_.depth &&
               check_object(element.get_object().value_unsafe(), depth + 1);
      case Type::ARRAY:
        return depth < limits_.depth && check_array(element.get_array().value_unsafe(), depth + 1);
      case Type::STRING:
        return is_fine(element.get_string().value_unsafe());
      case Type::DOUBLE:
        return std::isfinite(element.get_double().value_unsafe());
      case Type::INT64:
      case Type::UINT64:
      case Type::BOOL:
      case Type::NULL_VALUE:
        return true;
      default:
        return false;
    }
  }

 private:
  bool is_fine(std::string_view text) const { return !has_escapes_ || !has_nul(text); }

  bool check_array(const simdjson::dom::array& array, std::size_t depth) {
    for (const Element item : array) {
      if (!check(item, depth)) return false;
    }
    return true;
  }

  bool check_object(const simdjson::dom::object& object, std::size_t depth) {
    constexpr std::size_t kFew = 8;  // names that are compared each with each
    std::array<std::string_view, kFew> few;
    std::vector<std::string_view> many;
    std::size_t count = 0;
    for (const auto& [name, value] : object) {
      if (!is_fine(name) || !check(value, depth)) return false;
      if (count < kFew) {
        const auto seen = few.begin() + static_cast<std::ptrdiff_t>(count);
        if (std::find(few.begin(), seen, name) != seen) return false;
        few[count] = name;
      } else {
        if (many.empty()) many.assign(few.begin(), few.end());
        many.push_back(name);
      }
      ++count;
    }
    std::sort(many.begin(), many.end());
    return std::adjacent_find(many.begin(), many.end()) == many.end();
  }

  const JsonLimits limits_;
  const bool has_escapes_;
  std::size_t elements_ = 0;
};

// What a thread keeps for the next text. simdjson reads some bytes past the end.
struct Workplace {
  simdjson::dom::parser parser{kMaxText};
  std::unique_ptr<char[]> text = std::make_unique<char[]>(kMaxText + simdjson::SIMDJSON_PADDING);
};

// The flat document that a thread keeps. Documents may still go when the thread's own objects are gone.
struct Spare {
  std::unique_ptr<FlatJson::Flat> flat;
  Spare() = default;
  Spare(const Spare&) = delete;
  Spare& operator=(const Spare&) = delete;
  ~Spare() { ended() = true; }

  static bool& ended() {
    thread_local bool has_ended = false;
    return has_ended;
  }
};

std::unique_ptr<FlatJson::Flat>& spare() {
  thread_local Spare here;
  return here.flat;
}

Workplace& workplace() {
  thread_local Workplace here;
  return here;
}

// False where it is not for this parser.
bool parse(std::string_view text, JsonLimits limits, simdjson::dom::document& to, Element& root) {
  if (text.size() > kMaxText) return false;
  Workplace& here = workplace();
  std::memcpy(here.text.get(), text.data(), text.size());
  std::memset(here.text.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  const auto error =
      here.parser.parse_into_document(to, here.text.get(), text.size(), false).get(root);
  const bool has_escapes = text.find('\\') != std::string_view::npos;
  return error == simdjson::SUCCESS && Checker(limits, has_escapes).check(root);
}

}  // namespace

std::optional<Json> parse_json_quickly(std::string_view text, JsonLimits limits) {
  Element root;
  if (!parse(text, limits, workplace().parser.doc, root)) return std::nullopt;
  return FlatJson::view(root).copy();
}

std::optional<JsonDocument> parse_document_quickly(std::string_view text, JsonLimits limits) {
  FlatJson::FlatPtr flat(spare() ? spare().release() : new FlatJson::Flat());
  if (!parse(text, limits, flat->document, flat->root)) return std::nullopt;
  return FlatJson::document(std::move(flat));
}

void JsonDocument::GiveBack::operator()(Flat* flat) const noexcept {
  std::unique_ptr<Flat> given(flat);
  if (!Spare::ended() && given->document.capacity() <= kMaxSpare) spare() = std::move(given);
}

}  // namespace stoa
