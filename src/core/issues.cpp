#include <stoa/core/error.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/core/json.hpp>

#include <algorithm>
#include <utility>

namespace stoa {
namespace {

std::string_view name_of(JsonType type) {
  switch (type) {
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return "boolean";
    case JsonType::string:
      return "string";
    case JsonType::array:
      return "array";
    case JsonType::object:
      return "object";
    default:
      return "number";
  }
}

}  // namespace

Issues::Issues() = default;
Issues::~Issues() = default;

void Issues::invalid_type(std::string_view expected, JsonView received) {
  const auto type = name_of(received.type());
  add("invalid_type", "Expected " + std::string(expected) + ", received " + std::string(type),
      {{"expected", expected}, {"received", type}});
}

void Issues::required(std::string_view expected) {
  add("invalid_type", std::string("Required").append(of_missing),
      {{"expected", expected}, {"received", "undefined"}});
}

void Issues::not_one_of(std::span<const std::string_view> options) {
  const Json list = options;
  add("invalid_enum_value", "Invalid value; expected one of " + list.dump(), {{"options", list}});
}

void Issues::too_many(std::size_t most) {
  add("too_big", "At most " + std::to_string(most) + " items", {{"maximum", most}});
}

void Issues::add(std::string_view code, std::string message) {
  add(code, std::move(message), Json::object());
}

void Issues::add(std::string_view code, std::string message, const Json& extra) {
  if (!list_) list_ = std::make_unique<Json>(Json::array());
  if (list_->size() >= kMost) return;
  Json path = Json::array();
  const auto add_step = [&path](const Step& step) {
    step.member.empty() ? path.push_back(step.index) : path.push_back(step.member);
  };
  for (std::size_t i = 0; i < std::min(depth_, kFew); ++i) add_step(path_[i]);
  for (const Step& step : deeper_) add_step(step);
  Json issue = extra;
  issue["code"] = code;
  issue["path"] = std::move(path);
  issue["message"] = std::move(message);
  list_->push_back(std::move(issue));
}

std::size_t Issues::size() const noexcept {
  return list_ ? list_->size() : 0;
}

void Issues::raise() const {
  const auto& first = list_->front();
  std::string message = first["message"].get<std::string>();
  std::string path;
  for (const auto& step : first["path"]) {
    if (!path.empty()) path += '.';
    path += step.is_string() ? step.get<std::string>() : step.dump();
  }
  if (!path.empty()) message = path + ": " + message;
  throw Error(Code::invalid_fields, std::move(message), {{"validationErrors", *list_}});
}

}  // namespace stoa
