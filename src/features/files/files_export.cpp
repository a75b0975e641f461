// A person's files, as they stand in the copy of everything: one after the other, piece by piece.
#include "features/files/arrival.hpp"
#include "features/files/files_store.hpp"

#include <stoa/core/error.hpp>
#include <stoa/files/files.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace stoa::files {
namespace {

constexpr std::size_t kExportPiece = std::size_t{1} << 20;
constexpr std::size_t kRead = std::size_t{64} << 10;

// Where an export goes on: a file, and how far it is.
struct Place {
  FileId file;
  std::uint64_t offset = 0;
};

std::string text_of(const Place& place) {
  return place.file.str() + ":" + std::to_string(place.offset);
}

// Only what text_of() has made comes here.
Place place_of(std::string_view text) {
  const auto colon = text.find(':');
  const auto id = FileId::parse(text.substr(0, colon));
  if (!id || colon == std::string_view::npos) throw Error(Code::internal);
  Place place{*id};
  const std::string_view number = text.substr(colon + 1);
  std::from_chars(number.data(), number.data() + number.size(), place.offset);
  return place;
}

}  // namespace

Task<people::Piece> Files::export_bytes(UserId owner, std::string at) const {
  std::optional<FileView> file;
  std::uint64_t offset = 0;
  if (at.empty()) {
    file = co_await parts_.db.run(store::next_ready(owner, std::nullopt));
  } else {
    const Place place = place_of(at);
    offset = place.offset;
    file = co_await parts_.db.run(store::find_ready(owner, place.file));
  }
  // Of no file there is nothing to say beyond the list, which stands before.
  people::Piece piece{std::string(kExportedList), {}, std::nullopt};
  if (!file) co_return piece;
  piece.file = "files/" + file->id.str() + "-" + file->name;
  const auto object = co_await parts_.storage.open(key_of(file->id));
  while (piece.bytes.size() < kExportPiece) {
    const std::size_t most = std::min(kRead, kExportPiece - piece.bytes.size());
    const std::string_view read = co_await object->read(offset, most);
    if (read.empty()) break;
    piece.bytes += read;
    offset += read.size();
  }
  if (offset < object->size()) {
    piece.next = text_of({file->id, offset});
    co_return piece;
  }
  const auto next = co_await parts_.db.run(store::next_ready(owner, file->id));
  if (next) piece.next = text_of({next->id, 0});
  co_return piece;
}

}  // namespace stoa::files
