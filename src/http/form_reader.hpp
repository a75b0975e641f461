#pragma once
// Reads a form (multipart/form-data) from a body that flows: its fields, then what FormFile gives out. Lives in its
// exchange, for one request.
#include "http/multipart.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/http/body.hpp>
#include <stoa/http/form.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

struct FormLimits {
  explicit FormLimits(const config::Http& options) noexcept
      : parts(options.max_form_parts),
        header_bytes(options.max_form_header_bytes),
        field_bytes(options.max_form_field_bytes),
        fields_bytes(options.max_form_fields_bytes) {}
  std::size_t parts, header_bytes, field_bytes, fields_bytes;
};

class FormReader {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Throws as form_boundary(). The limits outlive the reader.
  FormReader(std::optional<std::string_view> content_type, FilePart file, const FormLimits& limits);

  // Up to the file, or to the end of the form. Throws as BodyStream::next() and MultipartParser::next().
  Task<> read_fields(BodyStream& stream);
  const Fields& fields() const noexcept { return fields_; }  // each name once
  std::size_t fields_bytes() const noexcept { return fields_bytes_; }
  // An issue where the file is missing and must not be.
  void require_file(Issues& issues) const;

  bool has_file() const noexcept { return file_.has_value(); }
  const PartHead& file() const noexcept { return *file_; }
  // The next piece of the file; empty at its end, which is the end of the form.
  Task<std::string_view> next();
  std::optional<std::uint64_t> most() const noexcept;
  void keeps(std::size_t bytes) { stream_->keeps(fields_bytes_ + bytes); }

 private:
  bool cannot_end() const noexcept;
  using Event = MultipartParser::Event;
  using Step = MultipartParser::Step;

  Task<Step> advance();
  Task<> read_field();
  void count_fields_bytes(std::size_t more);
  Task<bool> begin_file();
  Task<> read_to_end();

  const FilePart part_;
  const FormLimits& limits_;
  MultipartParser parser_;
  BodyStream* stream_ = nullptr;
  std::string held_;            // what was left of one piece, with the next one behind it
  std::string_view rest_;       // not used yet: of `held_`, or of the stream's present piece
  std::optional<Step> ahead_;   // looked at already
  std::uint64_t received_ = 0;  // of the body, `rest_` with it
  Fields fields_;
  std::size_t fields_bytes_ = 0;
  std::optional<PartHead> file_;
  bool is_over_ = false;
  bool is_broken_ = false;
};

}  // namespace stoa::http
