#pragma once
// JSON at the edge: the values, and bounded parsing (depth, duplicate keys, UTF-8, NUL). Pure functions, safe on any thread. What nlohmann-json leaves open is decided here:
// duplicate keys and numbers outside double's range are refused, and dump never throws.
#include <stoa/core/json_fwd.hpp>
#include <stoa/core/json_view.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

#include <nlohmann/json.hpp>

namespace stoa {

struct JsonLimits {
  std::size_t depth = 32;        // arrays and objects inside one another
  std::size_t elements = 20000;  // values in all, so that small text cannot become a large tree
};

// Throws Error{invalid_request} whose message says what is wrong and at which byte.
Json parse_json(std::string_view text, JsonLimits limits = {});

class JsonDocument {
 public:
  JsonDocument() noexcept;  // null
  JsonDocument(Json tree) noexcept;
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonView view() const noexcept;
  // Becomes the value of that member of itself. False, and nothing has changed: there is none, or it is no object.
  // Where it is flat, all of the text stays in memory.
  bool select(std::string_view member);

 private:
  friend struct FlatJson;
  struct Flat;
  // A thread keeps a small one for its next text.
  struct GiveBack {
    void operator()(Flat* flat) const noexcept;
  };
  using FlatPtr = std::unique_ptr<Flat, GiveBack>;
  explicit JsonDocument(FlatPtr flat) noexcept;

  Json tree_;
  FlatPtr flat_;  // where there is one, it is the document
};

// As parse_json, and cheaper: no tree is made of a short text.
JsonDocument parse_json_document(std::string_view text, JsonLimits limits = {});

}  // namespace stoa
