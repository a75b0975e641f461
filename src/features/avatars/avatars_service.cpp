#include "features/avatars/avatars_store.hpp"
#include "features/avatars/avatars_types.hpp"

#include <stoa/core/who_may.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/net/turns.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::avatars {
namespace {

const std::vector<pictures::Size> kSizes = {{128, pictures::Fit::square},
                                            {512, pictures::Fit::square}};
// Their files' names, in that order.
constexpr std::string_view kNames[] = {"small", "large"};

std::string_view name_of(AvatarSize size) {
  return kNames[static_cast<std::size_t>(size)];
}

// Bytes that are here already, as they would come.
files::Incoming incoming(std::string_view name, std::string bytes) {
  files::Incoming incoming;
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

Avatars::Avatars(pg::Database& db, files::Files& files, pictures::Studio& studio,
                 const files::PicturesConfig& config, std::string public_url)
    : db_(db), files_(files), studio_(studio), config_(config), public_url_(std::move(public_url)) {
  files_.serve(kAvatarFile, *this);
}

Task<> Avatars::require_uploader(Caller, std::optional<RoomId>) {
  throw Error(Code::forbidden);
}

Task<> Avatars::require_reader(UserId, const files::File&) {
  co_return;  // whoever has its address may see it
}

Task<std::string> Avatars::read_whole(http::FormFile file) const {
  std::string bytes;
  for (;;) {
    const auto piece = co_await file.next();
    if (piece.empty()) co_return bytes;
    if (bytes.size() + piece.size() > config_.max_bytes) throw Error(Code::too_large);
    bytes += piece;
    file.keeps(bytes.capacity());
  }
}

Task<users::User> Avatars::set(Caller caller, NewAvatar, http::FormFile file) {
  std::string bytes = co_await read_whole(file);
  std::vector<pictures::Picture> made;
  std::optional<pictures::Reason> refused;
  try {
    made = co_await studio_.make(net::turn_of(caller.user), std::move(bytes), kSizes);
  } catch (const pictures::Refused& why) {
    refused = why.reason();
  }
  if (refused) throw files::error_of(*refused);
  std::vector<files::FileId> ids;
  for (std::size_t i = 0; i < made.size(); ++i) {
    auto coming = incoming(kNames[i], std::move(made[i].bytes));
    Caller owner = caller;
    const auto view = co_await files_.take(std::move(owner), kAvatarFile, {}, std::move(coming));
    ids.push_back(view.id);
  }
  const AvatarId avatar = AvatarId::make();
  auto work = [this, ids, avatar, user = caller.user](pg::Tx& tx) {
    // First, since its lock puts those in order that come at once: only the last one's are kept.
    auto owner = tx.run(users::set_picture(user, public_url_ + "/api/avatars/" + avatar.str()));
    for (const auto id : ids) files::keep(tx, id, user, kAvatarFile, {}, avatar.uuid);
    tx.run(files::drop_others(user, kAvatarFile, avatar.uuid));
    return owner;
  };
  auto user = co_await db_.transaction(std::move(work));
  co_return user;
}

Task<users::User> Avatars::remove(Caller caller) {
  auto work = [user = caller.user](pg::Tx& tx) {
    auto owner = tx.run(users::set_picture(user, std::nullopt));
    tx.run(files::drop_others(user, kAvatarFile, std::nullopt));
    return owner;
  };
  auto user = co_await db_.transaction(std::move(work));
  co_return user;
}

Task<http::Download> Avatars::show(Client client, AvatarQuery query) {
  const auto id = co_await db_.run(store::find_file(query.id, name_of(*query.size)));
  std::vector<files::FileId> ids(1, require_found(id));
  auto found = co_await files_.find(std::move(ids));
  if (found.empty()) throw Error(Code::not_found);
  auto picture =
      co_await files_.give(std::move(found.front()), net::share_of(client, {}), {}, true);
  // Never another one under this address.
  picture.headers.set("cache-control", "public, max-age=31536000, immutable");
  co_return picture;
}

}  // namespace stoa::avatars
