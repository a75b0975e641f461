#pragma once
// How JsonView and JsonDocument stand on simdjson's flat document.
#include <stoa/core/json.hpp>

#include <bit>
#include <memory>
#include <type_traits>
#include <utility>

#include <simdjson.h>

namespace stoa {

struct JsonDocument::Flat {
  simdjson::dom::document document;
  simdjson::dom::element root;
};

struct FlatJson {
  using Element = simdjson::dom::element;
  using Flat = JsonDocument::Flat;
  using FlatPtr = JsonDocument::FlatPtr;
  static_assert(std::is_trivially_copyable_v<Element> && sizeof(Element) == sizeof(JsonView::Place),
                "an element is its document and its place there");

  static JsonView view(Element element) noexcept {
    return JsonView(std::bit_cast<JsonView::Place>(element));
  }
  static Element element(const JsonView& view) noexcept {
    return std::bit_cast<Element>(view.flat_);
  }
  static JsonDocument document(FlatPtr flat) noexcept { return JsonDocument(std::move(flat)); }
};

}  // namespace stoa
