#include <stoa/http/message.hpp>
#include <stoa/http/source.hpp>

#include <array>

namespace stoa::http {
namespace {

constexpr std::array<std::string_view, kMethods> kNames = {"GET",   "HEAD",   "POST",   "PUT",
                                                           "PATCH", "DELETE", "OPTIONS"};

}  // namespace

std::string_view name(Method method) noexcept {
  return kNames[static_cast<std::size_t>(method)];
}

std::optional<Method> method_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (kNames[i] == name) return static_cast<Method>(i);
  }
  return std::nullopt;
}

Headers::Span Headers::append(std::string_view name, std::string_view value) {
  const Span span{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                  static_cast<std::uint32_t>(text_.size() + name.size()),
                  static_cast<std::uint32_t>(value.size())};
  text_.append(name).append(value);
  return span;
}

void Headers::add(std::string_view name, std::string_view value) {
  spans_.push_back(append(name, value));
}

void Headers::set(std::string_view name, std::string_view value) {
  bool placed = false;
  std::erase_if(spans_, [&](Span& span) {
    if (std::string_view(text_).substr(span.name, span.name_size) != name) return false;
    if (placed) return true;
    span = append(name, value);
    placed = true;
    return false;
  });
  if (!placed) add(name, value);
}

void Headers::erase(std::string_view name) {
  std::erase_if(spans_, [&](const Span& span) {
    return std::string_view(text_).substr(span.name, span.name_size) == name;
  });
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
  const std::string_view text = text_;
  for (const auto& span : spans_) {
    if (span.name_size == name.size() && text.substr(span.name, span.name_size) == name) {
      return text.substr(span.value, span.value_size);
    }
  }
  return std::nullopt;
}

Headers::Field Headers::operator[](std::size_t index) const noexcept {
  const auto& span = spans_[index];
  const std::string_view text = text_;
  return {text.substr(span.name, span.name_size), text.substr(span.value, span.value_size)};
}

void Headers::reserve(std::size_t fields, std::size_t bytes) {
  spans_.reserve(fields);
  text_.reserve(bytes);
}

void Headers::clear() noexcept {
  text_.clear();
  spans_.clear();
}

std::optional<std::uint64_t> Response::size() const noexcept {
  if (!source) return content().size();
  if (count) return count;
  const auto whole = source->size();
  return whole ? std::optional(*whole - first) : std::nullopt;
}

Response Response::json(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.reserve(12, 384);
  response.headers.add("content-type", "application/json; charset=utf-8");
  response.headers.add("cache-control", "no-store");
  response.body = std::move(body);
  return response;
}

Response Response::text(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.headers.add("cache-control", "no-store");
  response.body = std::move(body);
  return response;
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  response.headers.add("cache-control", "no-store");
  return response;
}

}  // namespace stoa::http
