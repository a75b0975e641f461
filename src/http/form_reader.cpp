#include "http/form_reader.hpp"

#include "http/problem.hpp"

#include <stoa/core/values.hpp>

#include <algorithm>

namespace stoa::http {
namespace {

Error without_end() {
  return invalid_form("unfinished", "The form has no end");
}

}  // namespace

FormReader::FormReader(std::optional<std::string_view> content_type, FilePart file,
                       const FormLimits& limits)
    : part_(file),
      limits_(limits),
      parser_(form_boundary(content_type), limits.parts, limits.header_bytes) {}

// The next part, the next piece of its content, or the end of the last one.
Task<FormReader::Step> FormReader::advance() {
  if (ahead_) co_return *std::exchange(ahead_, std::nullopt);
  for (;;) {
    const auto step = parser_.next(rest_);
    rest_.remove_prefix(step.used);
    if (step.event != Event::more) co_return step;
    if (step.used > 0) continue;
    // The stream's piece ends with the next one. What is held already is not copied again, however small the pieces are.
    if (held_.empty()) {
      held_ = rest_;
    } else {
      held_.erase(0, held_.size() - rest_.size());
    }
    const auto piece = co_await stream_->next();
    if (piece.empty()) throw without_end();
    received_ += piece.size();
    rest_ = piece;
    if (!held_.empty()) rest_ = held_.append(piece);
  }
}

Task<> FormReader::read_fields(BodyStream& stream) {
  stream_ = &stream;
  for (;;) {
    const auto step = co_await advance();
    if (step.event == Event::done) {
      co_await read_to_end();
      co_return;
    }
    if (!parser_.head().file_name) {
      co_await read_field();
      continue;
    }
    const bool begun = co_await begin_file();
    if (begun) co_return;
  }
}

Task<> FormReader::read_field() {
  std::string name = parser_.head().name;
  std::string value;
  count_fields_bytes(name.size());
  for (;;) {
    const auto step = co_await advance();
    if (step.event != Event::data) {
      ahead_ = step;
      break;
    }
    // Which limit is said to be passed does not depend on how the form was cut.
    const auto taken = step.data.substr(0, limits_.field_bytes - value.size());
    count_fields_bytes(taken.size());
    if (taken.size() < step.data.size()) throw too_large_form("field", limits_.field_bytes);
    value += taken;
  }
  // Whatever the part says of its charset: clients that name another one mostly send ASCII.
  if (!is_valid_utf8(value) || value.find('\0') != std::string::npos) {
    throw invalid_form("text", "A field is not text in UTF-8");
  }
  const bool is_known = std::any_of(fields_.begin(), fields_.end(),
                                    [&](const auto& field) { return field.first == name; });
  if (is_known) throw invalid_form("repeated", "A field comes twice");
  fields_.emplace_back(std::move(name), std::move(value));
}

void FormReader::count_fields_bytes(std::size_t more) {
  fields_bytes_ += more;
  stream_->keeps(fields_bytes_);
  if (fields_bytes_ > limits_.fields_bytes) throw too_large_form("fields", limits_.fields_bytes);
}

// False: it is what browsers send where no file was chosen, without name and content.
Task<bool> FormReader::begin_file() {
  PartHead head = parser_.head();
  if (head.file_name->empty()) {
    const auto step = co_await advance();
    ahead_ = step;
    if (step.event != Event::data) co_return false;
  }
  if (head.name != part_.name) {
    throw invalid_form("unexpected_file",
                       "The only file that is taken is the part `" + std::string(part_.name) + "`");
  }
  file_ = std::move(head);
  co_return true;
}

// What follows the last part is nobody's, but has to be read so that the connection can go on.
Task<> FormReader::read_to_end() {
  is_over_ = true;
  std::size_t count = rest_.size();
  while (count <= limits_.header_bytes) {
    const auto piece = co_await stream_->next();
    if (piece.empty()) co_return;
    count += piece.size();
  }
  throw invalid_form("epilogue", "Too much follows the form");
}

void FormReader::require_file(Issues& issues) const {
  if (file_ || !part_.required) return;
  issues.enter(part_.name);
  issues.required("file");
  issues.leave();
}

Task<std::string_view> FormReader::next() {
  if (is_broken_) throw invalid_form("unfinished", "The form could not be read");
  if (is_over_) co_return std::string_view();
  is_broken_ = true;  // until this has gone well
  const auto step = co_await advance();
  if (step.event == Event::part) {
    throw invalid_form("after_file",
                       "The file has to be the last part; append it after the fields");
  }
  if (step.event == Event::done) co_await read_to_end();
  if (step.event == Event::data && cannot_end()) throw without_end();
  is_broken_ = false;
  co_return step.data;
}

// Less is left than the end takes, by the length that was announced. So a form that is cut short is not taken for a file that is
// longer than it was said to be.
bool FormReader::cannot_end() const noexcept {
  const auto length = stream_->length();
  return length && *length - std::min(*length, received_) + rest_.size() < parser_.end_size();
}

std::optional<std::uint64_t> FormReader::most() const noexcept {
  const auto length = stream_->length();
  if (!length) return std::nullopt;
  const std::uint64_t end = parser_.end_size();
  const std::uint64_t ahead = ahead_ ? ahead_->data.size() : 0;
  const std::uint64_t left = *length - std::min(*length, received_) + rest_.size() + ahead;
  return left - std::min(left, end);
}

bool has_file(const FormReader& form) noexcept {
  return form.has_file();
}

const std::string& FormFile::name() const noexcept {
  return *form_->file().file_name;
}

const std::string& FormFile::type() const noexcept {
  return form_->file().type;
}

std::optional<std::uint64_t> FormFile::most() const noexcept {
  return form_->most();
}

void FormFile::keeps(std::size_t bytes) {
  form_->keeps(bytes);
}

Task<std::string_view> FormFile::next() {
  return form_->next();
}

}  // namespace stoa::http
