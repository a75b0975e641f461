#include <stoa/sniff/sniffer.hpp>
#include <stoa/sniff/zip.hpp>

#include <algorithm>

namespace stoa::sniff {
namespace {

constexpr std::string_view kEnd = "PK\x05\x06";
constexpr std::string_view kEntry = "PK\x01\x02";
constexpr std::string_view kLocal = "PK\x03\x04";
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}
std::uint64_t u16(std::string_view bytes, std::size_t at) {
  return number_at(bytes, at, 2);
}
std::uint64_t u32(std::string_view bytes, std::size_t at) {
  return number_at(bytes, at, 4);
}

// The names of a directory that says what a file is.
struct Seen {
  bool content_types = false, word = false, excel = false, powerpoint = false, macros = false;
  bool mimetype = false, java = false, android = false;

  void add(std::string_view name) {
    content_types |= name == "[Content_Types].xml";
    word |= name == "word/document.xml";
    excel |= name == "xl/workbook.xml" || name == "xl/workbook.bin";
    powerpoint |= name == "ppt/presentation.xml";
    macros |= name.ends_with("vbaProject.bin");
    mimetype |= name == "mimetype";
    java |= name == "META-INF/MANIFEST.MF";
    android |= name == "AndroidManifest.xml";
  }
};

// What the file says of itself where its first entry is `mimetype`, unpacked (OpenDocument 1.3 part 2 section 3.3, EPUB OCF).
std::optional<std::string> declared_type(std::string_view head) {
  constexpr std::string_view kName = "mimetype";
  if (head.size() < kLocalSize || !head.starts_with(kLocal)) return std::nullopt;
  const auto method = u16(head, 8);
  const auto size = u32(head, 18);
  const auto name = u16(head, 26);
  const auto start = kLocalSize + name + u16(head, 28);
  if (method != 0 || name != kName.size() || size > 100 || head.size() < start + size ||
      head.substr(kLocalSize, kName.size()) != kName) {
    return std::nullopt;
  }
  const std::string_view type = head.substr(start, size);
  constexpr std::string_view kDocument = "application/vnd.oasis.opendocument.";
  if (type != "application/epub+zip" && !type.starts_with(kDocument)) return std::nullopt;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || c == '/' || c == '.' || c == '-' || c == '+';
  };
  if (!std::all_of(type.begin(), type.end(), is_plain)) return std::nullopt;
  return std::string(type);
}

}  // namespace

std::optional<ZipDirectory> find_zip_directory(std::string_view tail, std::uint64_t size) {
  // The last one counts: a comment may hold what looks like one, and then says another length than it has.
  for (auto at = tail.rfind(kEnd); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : tail.rfind(kEnd, at - 1)) {
    if (tail.size() - at < kEndSize) continue;
    if (at + kEndSize + u16(tail, at + 20) != tail.size()) continue;
    const ZipDirectory found{u32(tail, at + 16), u32(tail, at + 12)};
    const std::uint64_t end = size - tail.size() + at;
    if (found.size > kZipDirectory || found.offset > end || found.size > end - found.offset) {
      return std::nullopt;
    }
    return found;
  }
  return std::nullopt;
}

std::optional<std::string> zip_type(std::string_view directory, std::string_view head) {
  Seen seen;
  std::size_t at = 0;
  while (at < directory.size()) {
    if (directory.size() - at < kEntrySize || directory.substr(at, kEntry.size()) != kEntry) {
      return std::nullopt;
    }
    const auto name = u16(directory, at + 28);
    const auto whole = kEntrySize + name + u16(directory, at + 30) + u16(directory, at + 32);
    if (directory.size() - at < whole) return std::nullopt;
    seen.add(directory.substr(at + kEntrySize, name));
    at += whole;
  }
  if (seen.android) return "application/vnd.android.package-archive";
  if (seen.java) return "application/java-archive";
  constexpr std::string_view kOffice = "application/vnd.openxmlformats-officedocument.";
  if (seen.content_types && (seen.word || seen.excel || seen.powerpoint)) {
    if (seen.macros) return "application/vnd.ms-office.macroEnabled";
    const std::string_view kind = seen.word    ? "wordprocessingml.document"
                                  : seen.excel ? "spreadsheetml.sheet"
                                               : "presentationml.presentation";
    return std::string(kOffice).append(kind);
  }
  if (seen.mimetype) {
    if (auto type = declared_type(head)) return type;
  }
  return std::string(kZip);
}

}  // namespace stoa::sniff
