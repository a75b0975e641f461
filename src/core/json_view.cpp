#include "core/json_flat.hpp"

#include <stoa/core/json_view.hpp>

#include <utility>

namespace stoa {
namespace {

using Element = FlatJson::Element;

Json copy_of(const Element& from);

Json copy_of_object(const simdjson::dom::object& from) {
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();
  for (const auto& [name, value] : from) members.emplace(std::string(name), copy_of(value));
  return out;
}

Json copy_of_array(const simdjson::dom::array& from) {
  Json out = Json::array();
  auto& items = out.get_ref<Json::array_t&>();
  for (const Element item : from) items.push_back(copy_of(item));
  return out;
}

// Recursive: whoever read the text has bounded its depth.
Json copy_of(const Element& from) {
  using Type = simdjson::dom::element_type;
  switch (from.type()) {
    case Type::OBJECT:
      return copy_of_object(from.get_object().value_unsafe());
    case Type::ARRAY:
      return copy_of_array(from.get_array().value_unsafe());
    case Type::STRING:
      return std::string(from.get_string().value_unsafe());
    case Type::INT64: {
      // nlohmann-json keeps what is not negative as unsigned.
      const std::int64_t value = from.get_int64().value_unsafe();
      return value < 0 ? Json(value) : Json(static_cast<std::uint64_t>(value));
    }
    case Type::UINT64:
      return from.get_uint64().value_unsafe();
    case Type::DOUBLE:
      return from.get_double().value_unsafe();
    case Type::BOOL:
      return from.get_bool().value_unsafe();
    default:
      return nullptr;
  }
}

JsonType type_of(const Json& tree) noexcept {
  switch (tree.type()) {
    case Json::value_t::boolean:
      return JsonType::boolean;
    case Json::value_t::number_integer:
      return tree.get<std::int64_t>() < 0 ? JsonType::negative : JsonType::natural;
    case Json::value_t::number_unsigned:
      return JsonType::natural;
    case Json::value_t::number_float:
      return JsonType::real;
    case Json::value_t::string:
      return JsonType::string;
    case Json::value_t::array:
      return JsonType::array;
    case Json::value_t::object:
      return JsonType::object;
    default:
      return JsonType::null;
  }
}

JsonType type_of(const Element& element) noexcept {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::BOOL:
      return JsonType::boolean;
    case Type::INT64:
      return element.get_int64().value_unsafe() < 0 ? JsonType::negative : JsonType::natural;
    case Type::UINT64:
      return JsonType::natural;
    case Type::DOUBLE:
      return JsonType::real;
    case Type::STRING:
      return JsonType::string;
    case Type::ARRAY:
      return JsonType::array;
    case Type::OBJECT:
      return JsonType::object;
    default:
      return JsonType::null;
  }
}

}  // namespace

JsonType JsonView::type() const noexcept {
  return tree_ != nullptr ? type_of(*tree_) : type_of(FlatJson::element(*this));
}

bool JsonView::boolean() const noexcept {
  return tree_ != nullptr ? tree_->get<bool>() : FlatJson::element(*this).get_bool().value_unsafe();
}

std::int64_t JsonView::negative() const noexcept {
  return tree_ != nullptr ? tree_->get<std::int64_t>()
                          : FlatJson::element(*this).get_int64().value_unsafe();
}

std::uint64_t JsonView::natural() const noexcept {
  return tree_ != nullptr ? tree_->get<std::uint64_t>()
                          : FlatJson::element(*this).get_uint64().value_unsafe();
}

double JsonView::number() const noexcept {
  return tree_ != nullptr ? tree_->get<double>()
                          : FlatJson::element(*this).get_double().value_unsafe();
}

std::string_view JsonView::string() const noexcept {
  return tree_ != nullptr ? std::string_view(tree_->get_ref<const std::string&>())
                          : FlatJson::element(*this).get_string().value_unsafe();
}

std::optional<JsonView> JsonView::find(std::string_view member) const {
  if (!is_object()) return std::nullopt;
  if (tree_ != nullptr) {
    const auto found = tree_->find(member);
    return found == tree_->end() ? std::nullopt : std::optional<JsonView>(*found);
  }
  const simdjson::dom::object object = FlatJson::element(*this).get_object().value_unsafe();
  for (const auto& [name, value] : object) {
    if (name == member) return FlatJson::view(value);
  }
  return std::nullopt;
}

JsonMembers::JsonMembers(JsonView object) noexcept : object_(object) {
  asks_object_ = object.tree() != nullptr || !object.is_object();
  if (asks_object_) return;
  const simdjson::dom::object flat = FlatJson::element(object).get_object().value_unsafe();
  for (const auto& [name, value] : flat) {
    if (count_ == kFew) {
      asks_object_ = true;
      return;
    }
    const JsonView view = FlatJson::view(value);
    few_[count_++] = {name.data(), name.size(), view.flat_};
  }
}

std::optional<JsonView> JsonMembers::find(std::string_view name) const {
  if (asks_object_) return object_.find(name);
  for (std::size_t i = 0; i < count_; ++i) {
    const Member& member = few_[i];
    if (std::string_view(member.name, member.size) == name) {
      return JsonView(member.place);
    }
  }
  return std::nullopt;
}

std::size_t JsonView::size() const noexcept {
  return tree_ != nullptr ? tree_->size()
                          : FlatJson::element(*this).get_array().value_unsafe().size();
}

void JsonView::visit_items(void* to, void (*take)(void* to, JsonView item)) const {
  if (tree_ != nullptr) {
    for (const Json& item : *tree_) take(to, item);
  } else {
    const simdjson::dom::array array = FlatJson::element(*this).get_array().value_unsafe();
    for (const Element item : array) {
      take(to, FlatJson::view(item));
    }
  }
}

Json JsonView::copy() const {
  return tree_ != nullptr ? *tree_ : copy_of(FlatJson::element(*this));
}

// ---- Documents -----------------------------------------------------------------------------------------

JsonDocument::JsonDocument() noexcept = default;
JsonDocument::JsonDocument(Json tree) noexcept : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(FlatPtr flat) noexcept : flat_(std::move(flat)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonView JsonDocument::view() const noexcept {
  return flat_ ? FlatJson::view(flat_->root) : JsonView(tree_);
}

bool JsonDocument::select(std::string_view member) {
  const auto found = view().find(member);
  if (!found) return false;
  if (flat_) {
    flat_->root = FlatJson::element(*found);
  } else {
    Json value = std::move(tree_[member]);
    tree_ = std::move(value);
  }
  return true;
}

JsonView view_of(const JsonDocument& document) noexcept {
  return document.view();
}

void clear_json(JsonDocument& document) noexcept {
  document = JsonDocument();
}

}  // namespace stoa
