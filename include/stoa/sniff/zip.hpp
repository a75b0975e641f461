#pragma once
// What a ZIP is by its directory (APPNOTE.TXT sections 4.3.12 and 4.3.16): documents of offices are told from archives by the
// names in it, wherever these stand, which is not to be seen from a file's first bytes. Nothing is unpacked. Pure.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::sniff {

// So much of a file's end is looked through for where its directory stands: the record of that, and the longest comment.
inline constexpr std::size_t kZipTail = 22 + 65535;
// A directory of more bytes is not read.
inline constexpr std::size_t kZipDirectory = std::size_t{1} << 20;

struct ZipDirectory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// `tail`: the last bytes of a file of `size` bytes. Empty where it has no directory that can be read: it is no ZIP, is cut
// short, or has a directory of more than kZipDirectory bytes or of ZIP64.
std::optional<ZipDirectory> find_zip_directory(std::string_view tail, std::uint64_t size);

// `directory`: its bytes; `head`: the file's first ones. Empty where it is none. What runs as a program (Java, Android, macros
// of an office) is application/java-archive and the like.
std::optional<std::string> zip_type(std::string_view directory, std::string_view head);

}  // namespace stoa::sniff
