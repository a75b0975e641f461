// What a file is, and whether it is harmful: by what lies in the storage, which is what will be given out.
#include "features/files/arrival.hpp"
#include "features/files/clamd.hpp"
#include "features/files/files_store.hpp"
#include "features/files/files_types.hpp"
#include "features/files/owner_turns.hpp"

#include <stoa/auth/entrance.hpp>
#include <stoa/core/hex.hpp>
#include <stoa/core/log.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/realtime/topic.hpp>
#include <stoa/sniff/sniffer.hpp>
#include <stoa/sniff/zip.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace stoa::files {
namespace {

constexpr std::size_t kLookedAt = std::size_t{64} << 10;
// When a file is looked at again whose owner has another one that is being looked at: each further one later, so that together
// they ask twice a second, however many there are.
constexpr std::chrono::milliseconds kBetween{500};
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(1);

std::chrono::milliseconds wait_of(std::size_t waiting) {
  return std::min(kLongestWait, kBetween * static_cast<std::int64_t>(waiting));
}

Task<std::string> hash_of(storage::Object& object) {
  identity::Sha256 hash;
  for (std::uint64_t offset = 0;;) {
    const auto piece = co_await object.read(offset, kLookedAt);
    if (piece.empty()) break;
    hash.add(piece);
    offset += piece.size();
  }
  co_return to_hex(hash.finish());
}

// What trying again would find again.
bool is_its_own_fault(const Code& code) {
  return code == kNotAPicture || code == kPictureTooLarge || code == Code::too_large;
}

}  // namespace

Task<std::string> read_part(storage::Object& object, std::uint64_t offset, std::size_t size) {
  std::string part;
  while (part.size() < size) {
    const auto piece =
        co_await object.read(offset + part.size(), std::min(kLookedAt, size - part.size()));
    if (piece.empty()) break;
    part.append(piece);
  }
  co_return part;
}

bool Files::takes(std::string_view media_type) const {
  return sniff::is_one_of(media_type, config_.types);
}

Task<std::string> Files::type_of(storage::Object& object, TurnKey who) const {
  std::string head = co_await read_part(object, 0, sniff::kHead);
  const std::string beginning = head.substr(0, 256);
  std::string type = co_await parts_.sniffer.type_of(std::move(head), who);
  if (!sniff::is_zip(type)) co_return type;
  const std::uint64_t size = object.size();
  const std::uint64_t tail_at = size - std::min<std::uint64_t>(size, sniff::kZipTail);
  const std::string tail = co_await read_part(object, tail_at, sniff::kZipTail);
  const auto directory = sniff::find_zip_directory(tail, size);
  if (!directory) co_return std::string(sniff::kUnknown);
  const std::string names =
      co_await read_part(object, directory->offset, static_cast<std::size_t>(directory->size));
  co_return sniff::zip_type(names, beginning).value_or(std::string(sniff::kUnknown));
}

Task<FileView> Files::complete_upload(Caller caller, FileQuery query) {
  auto found = co_await parts_.db.run(store::find_file(query.id));
  if (!found || found->owner_id != caller.user) throw Error(Code::not_found);
  if (found->state != FileState::receiving) co_return FileView(std::move(*found));
  std::unique_ptr<storage::Object> object;
  try {
    object = co_await parts_.storage.open(staged_key_of(query.id));
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
  }
  if (!object || object->size() != static_cast<std::uint64_t>(found->size)) {
    throw Error(kNotReady, "It has not come whole yet");
  }
  const Timestamp due = now() + config_.keep_uploads;
  auto work = [this, caller, id = query.id, due](pg::Tx& tx) {
    parts_.entrance.lock(tx, caller);  // the storage may have been slow to answer
    auto view = tx.run(store::begin_examination(id, due));
    if (view) parts_.jobs.enqueue(tx, kExamineFile, ExamineFile{id}, {.key = id.str()});
    return view;
  };
  auto view = co_await parts_.db.transaction(std::move(work));
  if (!view) throw Error(kNotReady);
  co_return std::move(*view);
}

// What was sent straight to the storage is copied first: its link is good for a while yet, and what it writes then is nothing
// that was looked at. Each file has a job of its own, which waits where its owner's turn is taken; whoever ends a turn wakes the
// next one, so that this wait is for what a killed process, or one that failed, leaves behind.
Task<> Files::examine(ExamineFile job, jobs::Attempt attempt) {
  auto found = co_await parts_.db.run(store::find_file(job.file));
  if (!found || found->state != FileState::scanning) {
    // Perhaps it was woken, and is gone since.
    auto waking = store::wake_next(job.file, kExamineFile.name);
    co_await parts_.db.run(std::move(waking));
    co_return;
  }
  auto turn = found->owner_id ? examining_->take(*found->owner_id) : std::nullopt;
  if (found->owner_id && !turn) {
    co_return attempt.again_after(wait_of(examining_->count_waiting(*found->owner_id)));
  }
  store::Settled settled{FileState::ready, found->media_type, found->size,
                         found->sha256.value_or("")};
  std::optional<store::MadePicture> made;
  if (!found->sha256) {
    made = co_await look_at(*found, settled);
  } else {
    const auto object = co_await parts_.storage.open(key_of(job.file));
    if (co_await is_harmful(job.file, *object)) settled.state = FileState::refused;
  }
  const Timestamp due = now() + config_.keep_uploads;
  auto work = [this, job, attempt, settled, made, due, before = found->size](pg::Tx& tx) {
    if (made) tx.run(store::set_picture(job.file, *made));
    const auto decided = tx.run(store::decide(job.file, settled, due));
    if (!decided) tx.run(store::drop_undecided(job.file));
    const bool is_left = !decided && !tx.run(store::find_file(job.file));
    if (decided) {
      // It has come, so that what was made of it takes its room whatever the quota says.
      const std::int64_t taken = settled.size + (made ? made->sizes_bytes : 0);
      if (taken != before) {
        store::release(tx, decided->owner_id, decided->room_id, before - taken, 0);
      }
    }
    if (decided && decided->owner_id) {
      parts_.hub.tell(tx, realtime::Topic::user(*decided->owner_id), kFileUpdated,
                      FileView(*decided));
    }
    tx.run(store::wake_next(job.file, kExamineFile.name));
    attempt.finish(tx);
    return is_left;
  };
  turn.reset();  // the next one is there with the commit
  // Where it was deleted meanwhile, the copy came after what its deletion removed.
  const bool is_left = co_await parts_.db.transaction(std::move(work));
  if (settled.state == FileState::ready && !is_left) co_return;
  // Nobody is given it any more, and the sweep would do the same.
  try {
    co_await remove_bytes(job.file, true);
  } catch (const std::exception& error) {
    log::warn("refused_file_left_to_sweep", {{"reason", error.what()}});
  }
}

Task<bool> Files::is_harmful(FileId file, storage::Object& object) const {
  if (parts_.clamd == nullptr) co_return false;
  const auto harm = co_await parts_.clamd->scan(object);
  if (harm) log::warn("file_refused", {{"file", file.str()}, {"found", *harm}});
  co_return harm.has_value();
}

// It is scanned as it came: so nothing harmful is decoded, and a scanner that is away has no picture made anew at each attempt.
Task<std::optional<store::MadePicture>> Files::look_at(const File& file,
                                                       store::Settled& settled) const {
  co_await parts_.storage.copy(staged_key_of(file.id), key_of(file.id));
  const auto object = co_await parts_.storage.open(key_of(file.id));
  const TurnKey who = file.owner_id ? net::turn_of(*file.owner_id) : TurnKey{};
  settled.media_type = co_await type_of(*object, who);
  const bool is_wanted =
      takes(settled.media_type) && object->size() == static_cast<std::uint64_t>(settled.size);
  if (!is_wanted || co_await is_harmful(file.id, *object)) settled.state = FileState::refused;
  settled.sha256 = co_await hash_of(*object);
  if (settled.state == FileState::refused) co_return std::nullopt;
  const Renewal renewal{file.id, who, std::chrono::steady_clock::time_point::max(),
                        [](std::size_t) {}};
  std::optional<store::MadePicture> made;
  std::optional<Code> refused;
  try {
    made = co_await renew(renewal, *object, settled);
  } catch (const Error& error) {
    if (!is_its_own_fault(error.code())) throw;
    refused = error.code();
  }
  if (refused) {
    settled.state = FileState::refused;
    log::info("picture_refused", {{"file", file.id.str()}, {"code", std::string(refused->wire)}});
  }
  co_return made;
}

}  // namespace stoa::files
