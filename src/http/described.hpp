#pragma once
// An endpoint that says what its answer is. Immutable, as what it stands before.
#include <stoa/http/described.hpp>

#include <utility>

namespace stoa::http {

class Described final : public EndpointBase {
 public:
  Described(Endpoint endpoint, Made made) : endpoint_(std::move(endpoint)), made_(made) {}

  Made made() const noexcept { return made_; }

  Task<Response> invoke(Request& request) const override;
  int status() const noexcept override;
  Body body() const noexcept override;
  FilePart file_part() const noexcept override;
  void describe_input(Json& schema, SchemaBook& book) const override;
  void describe_output(Json& schema, SchemaBook& book) const override;
  bool is_download() const noexcept override;
  bool needs_caller() const noexcept override;
  bool reads_caller() const noexcept override;
  bool takes_key() const noexcept override;

 private:
  Endpoint endpoint_;
  Made made_;
};

}  // namespace stoa::http
