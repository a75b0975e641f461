#include "features/files/arrival.hpp"
#include "features/files/files_audit.hpp"
#include "features/files/files_store.hpp"

#include <stoa/audit/audit.hpp>
#include <stoa/core/error.hpp>
#include <stoa/files/inspection.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace stoa::files {
namespace {

constexpr int kPage = 500;  // rows of one statement
constexpr std::size_t kAtOnce = 1000;

struct Folder {
  std::string_view name;
  storage::Key (*key)(FileId);
};
constexpr Folder kStaged{kStagedFolder, &staged_key_of};
constexpr std::array kFolders = {Folder{kFolder, &key_of}, kStaged};

Task<bool> is_there(storage::Storage& storage, FileId id, std::int64_t size) {
  try {
    const auto object = co_await storage.open(key_of(id));
    co_return object->size() == static_cast<std::uint64_t>(size);
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
    co_return false;
  }
}

// Ids begin with the time at which they were made (RFC 9562 section 5.7), in milliseconds.
Timestamp time_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return Timestamp(std::chrono::milliseconds(ms));
}

// An object's row comes before it and goes after it: so the listing comes first, and what has no row then is looked for again.
Task<> find_strays(pg::Database& db, storage::Storage& storage, Folder folder, std::uint8_t part,
                   Inspection& found, std::optional<Timestamp> before = {}) {
  auto listed = co_await storage.list(folder.name, part);
  found.objects += static_cast<std::int64_t>(listed.size());
  if (before) std::erase_if(listed, [&](const Uuid& id) { return time_of(id) >= *before; });
  for (std::size_t at = 0; at < listed.size(); at += kAtOnce) {
    std::vector<FileId> ids;
    for (std::size_t i = at; i < std::min(listed.size(), at + kAtOnce); ++i) {
      ids.push_back(FileId{listed[i]});
    }
    auto known = co_await db.run(store::known_of(ids));
    std::sort(known.begin(), known.end());
    for (const FileId id : ids) {
      if (std::binary_search(known.begin(), known.end(), id)) continue;
      const storage::Key key = folder.key(id);
      try {
        co_await storage.open(key);
        found.strays.push_back(key);
      } catch (const Error& error) {
        if (error.code() != Code::not_found) throw;
      }
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
      if (co_await is_there(storage, row.id, row.size)) continue;
      // Bytes go after their row is dropped.
      const auto still = co_await db.run(store::find_file(row.id));
      if (!still || still->state != FileState::ready) continue;
      found.lost.push_back({row.id, row.kind, row.size, row.owner_id});
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
  for (const Folder& folder : kFolders) {
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
    co_await find_strays(db, storage, kStaged, static_cast<std::uint8_t>(part), found, before);
    for (const storage::Key& key : found.strays) co_await storage.remove(key);
  }
}

Task<> mend(pg::Database& db, storage::Storage& storage, Inspection found) {
  for (const storage::Key& key : found.strays) co_await storage.remove(key);
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
