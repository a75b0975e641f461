#include "features/files/files_store.hpp"

#include <stoa/auth/entrance.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/files/emblems.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/net/turns.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace stoa::files {
namespace {

constexpr std::uint64_t kForm = 64 * config::kKiB;  // heads of parts

const std::vector<pictures::Size> kSizes = {{128, pictures::Fit::square},
                                            {512, pictures::Fit::square}};
// Their files' names, in that order.
constexpr std::string_view kNames[] = {"small", "large"};

std::string_view name_of(EmblemSize size) {
  return kNames[static_cast<std::size_t>(size)];
}

// Bytes that are here already, as they would come.
Incoming incoming_of(std::string_view name, std::string bytes) {
  Incoming incoming;
  incoming.name = name;
  incoming.most = bytes.size();
  auto left = std::make_shared<std::string>(std::move(bytes));
  auto given = std::make_shared<bool>(false);
  incoming.next = [left, given]() -> Task<std::string_view> {
    if (std::exchange(*given, true)) co_return std::string_view();
    co_return std::string_view(*left);
  };
  incoming.keeps = [](std::size_t) {};
  return incoming;
}

}  // namespace

Emblems::Emblems(Parts parts, const Kind& kind, std::string address)
    : parts_(parts), kind_(kind), address_(std::move(address)) {
  parts_.files.serve(kind_, *this);
}

std::uint64_t Emblems::most_form() const {
  return parts_.config.max_bytes + kForm;
}

Task<> Emblems::require_uploader(Caller, std::optional<RoomId>) {
  throw Error(Code::forbidden);
}

Task<> Emblems::require_reader(UserId, const File&) {
  co_return;  // whoever has its address may see it
}

Task<std::string> Emblems::read_whole(http::FormFile file) const {
  std::string bytes;
  for (;;) {
    const auto piece = co_await file.next();
    if (piece.empty()) co_return bytes;
    if (bytes.size() + piece.size() > parts_.config.max_bytes) throw Error(Code::too_large);
    bytes += piece;
    file.keeps(bytes.capacity());
  }
}

Task<Emblem> Emblems::bring(Caller owner, std::optional<RoomId> room, http::FormFile file) {
  std::string bytes = co_await read_whole(file);
  std::vector<pictures::Picture> made;
  std::optional<pictures::Reason> refused;
  try {
    made = co_await parts_.studio.make(net::turn_of(owner.user), std::move(bytes), kSizes);
  } catch (const pictures::Refused& why) {
    refused = why.reason();
  }
  if (refused) throw error_of(*refused);
  Emblem emblem{EmblemId::make(), owner, room, {}};
  std::exception_ptr failure;
  try {
    for (std::size_t i = 0; i < made.size(); ++i) {
      auto coming = incoming_of(kNames[i], std::move(made[i].bytes));
      Caller whose = owner;
      const auto view =
          co_await parts_.files.take(std::move(whose), kind_, room, std::move(coming));
      emblem.files.push_back(view.id);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await drop(std::move(emblem));
    std::rethrow_exception(failure);
  }
  co_return emblem;
}

// Before all other rows of the transaction.
void Emblems::require_bringer(pg::Tx& tx, const Emblem& emblem) const {
  parts_.entrance.lock(tx, emblem.by);
}

void Emblems::put_in_place(pg::Tx& tx, const Emblem& emblem) const {
  const UserId owner = emblem.by.user;
  for (const FileId id : emblem.files) {
    files::keep(tx, id, owner, kind_, emblem.room, emblem.id.uuid);
  }
  tx.run(emblem.room ? drop_others(*emblem.room, kind_, emblem.id.uuid)
                     : drop_others(owner, kind_, emblem.id.uuid));
}

// Nothing that is kept, where the answer to the commit was lost. What cannot be done now the sweep does.
Task<> Emblems::drop(Emblem emblem) const noexcept {
  try {
    for (const FileId id : emblem.files) co_await parts_.db.run(drop_loose(id, emblem.by.user));
  } catch (const std::exception& error) {
    log::warn("picture_left_to_sweep", {{"reason", error.what()}});
  }
}

Task<http::Download> Emblems::show(Client client, EmblemQuery query) {
  const auto id =
      co_await parts_.db.run(store::find_emblem(query.id.uuid, kind_.name, name_of(*query.size)));
  std::vector<FileId> ids(1, require_found(id));
  auto found = co_await parts_.files.find(std::move(ids));
  if (found.empty()) throw Error(Code::not_found);
  const TurnKey stranger = net::share_of(client, {});
  auto picture =
      co_await parts_.files.give(std::move(found.front()), stranger, {}, Files::Way::emblem);
  // Never another one under this address.
  picture.headers.set("cache-control", "public, max-age=31536000, immutable");
  co_return picture;
}

}  // namespace stoa::files
