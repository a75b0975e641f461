#pragma once
// JSON Schemas of the types that requests and answers are made of, for the API descriptions.
#include <stoa/core/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>

namespace stoa {

template <class T, class = void>
struct Binding;

// The named schemas of one document (OpenAPI's components, AsyncAPI's). Described structs are put here
// once and referred to; two different structs of one name are an error at the start.
class SchemaBook {
 public:
  explicit SchemaBook(std::string ref_prefix = "#/components/schemas/");

  ~SchemaBook();

  // Puts the schema of T into `out`.
  template <class T>
  void add(Json& out) {
    Binding<T>::schema(out, *this);
  }
  // Makes `out` a reference to the schema of that name. Answers where the schema is to be written, once;
  // null from then on.
  Json* claim(const std::string& name, std::type_index type, Json& out);
  const std::map<std::string, Json>& schemas() const noexcept;

 private:
  std::string ref_prefix_;
  std::unique_ptr<std::map<std::string, Json>> schemas_;
  std::map<std::string, std::type_index> owners_;
};

// Each makes `out` a schema of its kind.
void schema_of(Json& out, std::string_view type, std::string_view format = {});
void schema_of_string(Json& out, std::string_view format, std::size_t max_length);
void schema_of_text(Json& out, std::size_t min, std::size_t max);
void schema_of_integer(Json& out, std::optional<std::int64_t> min, std::optional<std::int64_t> max);
void schema_of_enum(Json& out, std::span<const std::string_view> names);
void schema_of_anything(Json& out);
void schema_of_object(Json& out);
// Parts of a schema. Those that answer a Json name the place of the schema that belongs in there.
Json& schema_items(Json& out, std::optional<std::size_t> most);  // makes `out` an array's
Json& schema_nullable(Json& out);                                // makes `out` that or null
Json& schema_property(Json& out, std::string_view name, bool required);
void schema_default(Json& out, std::string_view json);

}  // namespace stoa
