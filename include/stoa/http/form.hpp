#pragma once
// A form with a file (multipart/form-data, RFC 7578), read as it comes: its fields first, as the described struct of the
// handler, then the file, piece by piece.
//
//   Task<NoteView> Notes::upload(Caller caller, NewNote note, http::FormFile file) {
//     for (;;) {
//       const auto piece = co_await file.next();
//       if (piece.empty()) break;
//       ...
//     }
//   }
//
// The parts of a form come in the order that the client appended them in, and the file has to be the last: what came behind
// it could only be had by keeping the file meanwhile. A field that comes later is refused (`INVALID_FORM`, reason
// `after_file`) by next(), before it says that the file has ended.
#include <stoa/core/task.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace stoa::http {

class FormReader;

// The handler's handle on the file, which is the part named `file`. A handler that takes a std::optional of it may be
// called without one; any other form without it is refused (422).
class FormFile {
 public:
  static constexpr std::string_view kPart = "file";

  explicit FormFile(FormReader& form) noexcept : form_(&form) {}
  // As the client calls it, for showing only: UTF-8 of at most 255 bytes without path, controls and marks of direction.
  // May be empty.
  const std::string& name() const noexcept;
  // What the client takes it for, which may be anything: "type/subtype" in lower case, without parameters.
  // application/octet-stream where it does not say.
  const std::string& type() const noexcept;
  // As BodyStream::next(), and Error{invalid_form} where the form breaks: empty once the form has ended as it should.
  Task<std::string_view> next();
  // How many bytes may still come, where the form's length was announced: a few more than do.
  std::optional<std::uint64_t> most() const noexcept;
  // As BodyStream::keeps(), beside the form's fields.
  void keeps(std::size_t bytes);

 private:
  FormReader* form_;
};

template <std::size_t Size>
struct PartName {
  consteval PartName(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }
  char text[Size];
};

// The same where clients call the part otherwise: http::FormFileAs<"avatar">.
template <PartName Name>
class FormFileAs : public FormFile {
 public:
  static constexpr std::string_view kPart{Name.text, sizeof Name.text - 1};
  using FormFile::FormFile;
};

// The part that a row's file comes in.
struct FilePart {
  std::string_view name;
  bool required = true;
};

// Whether a handler's parameter is the file of a form, and which.
template <class T>
struct FileOf : std::false_type {
  static constexpr FilePart kPart{};
};
template <std::derived_from<FormFile> File>
struct FileOf<File> : std::true_type {
  static constexpr FilePart kPart{File::kPart, true};
};
template <std::derived_from<FormFile> File>
struct FileOf<std::optional<File>> : std::true_type {
  static constexpr FilePart kPart{File::kPart, false};
};

// Whether the form that is being read has the file.
bool has_file(const FormReader& form) noexcept;

template <class T>
T file_of(FormReader& form) {
  if constexpr (std::derived_from<T, FormFile>) {
    return T(form);
  } else {
    return has_file(form) ? T(std::in_place, form) : std::nullopt;
  }
}

}  // namespace stoa::http
