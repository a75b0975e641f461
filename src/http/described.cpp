#include "http/described.hpp"

#include <stoa/core/schema.hpp>

#include <memory>

namespace stoa::http {

Endpoint described(Endpoint endpoint, Made made) {
  return std::make_shared<Described>(std::move(endpoint), made);
}

Task<Response> Described::invoke(Request& request) const {
  return endpoint_->invoke(request);
}

void Described::describe_output(Json& schema, SchemaBook&) const {
  schema_of(schema, made_ == Made::text ? "string" : "object");
}

int Described::status() const noexcept {
  return endpoint_->status();
}

Body Described::body() const noexcept {
  return endpoint_->body();
}

FilePart Described::file_part() const noexcept {
  return endpoint_->file_part();
}

void Described::describe_input(Json& schema, SchemaBook& book) const {
  endpoint_->describe_input(schema, book);
}

bool Described::is_download() const noexcept {
  return endpoint_->is_download();
}

bool Described::needs_caller() const noexcept {
  return endpoint_->needs_caller();
}

bool Described::reads_caller() const noexcept {
  return endpoint_->reads_caller();
}

bool Described::takes_key() const noexcept {
  return endpoint_->takes_key();
}

}  // namespace stoa::http
