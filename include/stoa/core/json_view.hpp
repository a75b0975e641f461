#pragma once
// One value of a JSON text that was read, wherever it stands: in a tree (Json), or in a JsonDocument, which holds short
// texts flat. What reads a view reads both. Pure, safe on any thread; good as long as what it looks into is there and
// stays where it is, so none is kept of a temporary.
#include <stoa/core/json_fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace stoa {

// Whole numbers are two types, which together hold the range of int64 and that of uint64.
enum class JsonType { null, boolean, negative, natural, real, string, array, object };

class JsonView {
 public:
  JsonView(const Json& tree) noexcept : tree_(&tree) {}

  JsonType type() const noexcept;
  bool is_string() const noexcept { return type() == JsonType::string; }
  bool is_object() const noexcept { return type() == JsonType::object; }

  // Each for values of its type alone.
  bool boolean() const noexcept;
  std::int64_t negative() const noexcept;
  std::uint64_t natural() const noexcept;
  double number() const noexcept;  // of any number
  std::string_view string() const noexcept;
  std::optional<JsonView> find(std::string_view member) const;  // none in what is no object
  std::size_t size() const noexcept;                            // of an array
  template <class Take>
  void for_each(Take&& take) const {  // item of an array
    visit_items(&take, [](void* to, JsonView item) {
      (*static_cast<std::remove_reference_t<Take>*>(to))(item);
    });
  }

  Json copy() const;
  const Json* tree() const noexcept { return tree_; }  // null where it is flat

 private:
  friend struct FlatJson;  // what knows simdjson
  friend class JsonMembers;
  void visit_items(void* to, void (*take)(void* to, JsonView item)) const;

  struct Place {
    const void* document;
    std::size_t index;
  };
  explicit JsonView(Place place) noexcept : flat_(place) {}

  const Json* tree_ = nullptr;
  Place flat_{};  // where there is no tree
};

// The members of an object, for whoever looks for several: a flat one is walked through once instead of with each look.
class JsonMembers {
 public:
  explicit JsonMembers(JsonView object) noexcept;
  std::optional<JsonView> find(std::string_view name) const;

 private:
  static constexpr std::size_t kFew = 8;
  struct Member {  // not initialised: most objects have three or four
    const char* name;
    std::size_t size;
    JsonView::Place place;
  };

  const JsonView object_;
  std::array<Member, kFew> few_;
  std::size_t count_ = 0;
  bool asks_object_ = false;  // it has more than a few, or is none, or stands in a tree
};

// A JSON text that was read, or one value of it. Owns what its views look into. A view is taken anew after a move: only
// those of flat documents outlive one.
class JsonDocument;

// For headers that know it by its name alone.
JsonView view_of(const JsonDocument& document) noexcept;
// Null from now on; what it held is given back.
void clear_json(JsonDocument& document) noexcept;

}  // namespace stoa
