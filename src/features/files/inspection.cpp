#include "features/files/arrival.hpp"
#include "features/files/files_audit.hpp"
#include "features/files/files_store.hpp"

#include <stoa/audit/audit.hpp>
#include <stoa/core/error.hpp>
#include <stoa/files/inspection.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::files {
namespace {

constexpr int kPage = 500;  // rows of one statement
constexpr std::size_t kAtOnce = 1000;

constexpr std::array kFolders = {kFolder, kStagedFolder};

// Empty where there is no such object.
Task<std::optional<std::int64_t>> size_of(storage::Storage& storage, storage::Key key) {
  try {
    const auto object = co_await storage.open(std::move(key));
    co_return static_cast<std::int64_t>(object->size());
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
    co_return std::nullopt;
  }
}

// Ids begin with the time at which they were made (RFC 9562 section 5.7), in milliseconds.
Timestamp time_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return Timestamp(std::chrono::milliseconds(ms));
}

// Of its smaller pictures the row knows how many bytes they have together.
Task<bool> has_small(storage::Storage& storage, const store::Promised& row) {
  std::int64_t bytes = 0;
  for (const int side : row.sizes) {
    const auto size = co_await size_of(storage, picture_key_of(row.id, side));
    if (!size) co_return false;
    bytes += *size;
  }
  co_return bytes == row.sizes_bytes;
}

// Whether a row has that object, or may have it yet.
bool is_known(const std::vector<store::Known>& rows, const storage::Listed& object) {
  const FileId id{object.id};
  const auto row = std::lower_bound(rows.begin(), rows.end(), id,
                                    [](const auto& one, FileId other) { return one.id < other; });
  if (row == rows.end() || row->id != id) return false;
  if (object.part.empty() || !row->is_ready) return true;
  return std::any_of(row->sizes.begin(), row->sizes.end(),
                     [&](int side) { return std::to_string(side) == object.part; });
}

// An object's row comes before it and goes after it: so the listing comes first, and what has no row then is looked for again.
Task<> find_strays(pg::Database& db, storage::Storage& storage, std::string_view folder,
                   std::uint8_t part, Inspection& found, std::optional<Timestamp> before = {}) {
  auto listed = co_await storage.list(folder, part);
  found.objects += static_cast<std::int64_t>(listed.size());
  if (before) {
    std::erase_if(listed, [&](const auto& object) { return time_of(object.id) >= *before; });
  }
  for (std::size_t at = 0; at < listed.size(); at += kAtOnce) {
    const std::size_t end = std::min(listed.size(), at + kAtOnce);
    std::vector<FileId> ids;
    for (std::size_t i = at; i < end; ++i) ids.push_back(FileId{listed[i].id});
    auto known = co_await db.run(store::known_of(ids));
    std::sort(known.begin(), known.end(),
              [](const auto& one, const auto& other) { return one.id < other.id; });
    for (std::size_t i = at; i < end; ++i) {
      if (is_known(known, listed[i])) continue;
      const storage::Key key = storage::Key::of(folder, listed[i].id, listed[i].part);
      if (co_await size_of(storage, key)) found.strays.push_back(key);
    }
  }
}

Task<> find_lost(pg::Database& db, storage::Storage& storage, Inspection& found) {
  for (std::optional<FileId> after;;) {
    const auto page = co_await db.run(store::next_promised(after, kPage));
    if (page.empty()) co_return;
    after = page.back().id;
    found.rows += static_cast<std::int64_t>(page.size());
    for (const auto& row : page) {
      const bool is_there = co_await size_of(storage, key_of(row.id)) == row.size;
      if (is_there && co_await has_small(storage, row)) continue;
      // Bytes go after their row is dropped.
      const auto still = co_await db.run(store::find_file(row.id));
      if (!still || still->state != FileState::ready) continue;
      (is_there ? found.small : found.lost).push_back({row.id, row.kind, row.size, row.owner_id});
    }
  }
}

}  // namespace

bool Inspection::is_foreign() const noexcept {
  const auto count = [](const auto& all) { return static_cast<std::int64_t>(all.size()); };
  const bool has_match = rows > count(lost) || objects > count(strays);
  return !has_match && !is_whole();
}

Task<Inspection> inspect(pg::Database& db, storage::Storage& storage) {
  Inspection found;
  for (const std::string_view folder : kFolders) {
    for (int part = 0; part < 256; ++part) {
      co_await find_strays(db, storage, folder, static_cast<std::uint8_t>(part), found);
    }
  }
  co_await find_lost(db, storage, found);
  co_return found;
}

Task<> remove_stray_uploads(pg::Database& db, storage::Storage& storage, Timestamp before) {
  for (int part = 0; part < 256; ++part) {
    Inspection found;
    co_await find_strays(db, storage, kStagedFolder, static_cast<std::uint8_t>(part), found,
                         before);
    for (const storage::Key& key : found.strays) co_await storage.remove(key);
  }
}

Task<> mend(pg::Database& db, storage::Storage& storage, Inspection found) {
  for (const storage::Key& key : found.strays) co_await storage.remove(key);
  for (const Lost& small : found.small) {
    auto work = [id = small.id](pg::Tx& tx) {
      const auto gone = tx.run(store::drop_sizes(id));
      if (gone) store::release(tx, gone->owner_id, gone->room_id, gone->size, 0);
    };
    co_await db.transaction(std::move(work));
    for (const int side : kSides) co_await storage.remove(picture_key_of(small.id, side));
  }
  for (const Lost& lost : found.lost) {
    auto work = [lost](pg::Tx& tx) {
      if (tx.run(store::drop_promised(lost.id)).value == 0) return;
      audit::write(tx, audit::Actor::the_operator(), kForget, {{"file", lost.id}},
                   ForgottenFile{lost.kind, lost.size}, audit::kNothing);
    };
    co_await db.transaction(std::move(work));
  }
}

}  // namespace stoa::files
