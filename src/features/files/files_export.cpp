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
  FileId file = {};
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

// From there on. Without a name where its bytes are not there any more; without `next` where nothing more comes of it.
Task<people::Piece> read_piece(storage::Storage& storage, const FileView& file,
                               std::uint64_t offset) {
  people::Piece piece;
  try {
    const auto object = co_await storage.open(key_of(file.id));
    piece.file = "files/" + file.id.str() + "-" + file.name;
    while (piece.bytes.size() < kExportPiece) {
      const std::size_t most = std::min(kRead, kExportPiece - piece.bytes.size());
      const std::string_view read = co_await object->read(offset, most);
      if (read.empty()) break;
      piece.bytes += read;
      offset += read.size();
    }
    if (offset < object->size()) piece.next = text_of({file.id, offset});
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
  }
  co_return piece;
}

}  // namespace

// A file that goes while it is read ends there, and the next one follows: files.jsonl, which stands before, says how long each was.
Task<people::Piece> Files::export_bytes(UserId owner, std::string at) const {
  std::optional<FileView> file;
  Place place;
  if (at.empty()) {
    file = co_await parts_.db.run(store::next_ready(owner, std::nullopt));
    if (!file) co_return people::Piece{};
    place.file = file->id;
  } else {
    place = place_of(at);
    file = co_await parts_.db.run(store::find_ready(owner, place.file));
  }
  people::Piece piece;
  if (file) piece = co_await read_piece(parts_.storage, *file, place.offset);
  if (piece.next) co_return piece;
  const auto next = co_await parts_.db.run(store::next_ready(owner, place.file));
  if (next) piece.next = text_of({next->id, 0});
  co_return piece;
}

}  // namespace stoa::files
