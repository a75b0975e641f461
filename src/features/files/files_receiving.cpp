// How a file is taken: the row first, then the bytes, then what they are, then the row again.
#include "features/files/arrival.hpp"
#include "features/files/file_links.hpp"
#include "features/files/files_store.hpp"
#include "features/files/files_types.hpp"
#include "features/files/seats.hpp"

#include <stoa/auth/entrance.hpp>
#include <stoa/core/hex.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/http/file_name.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/module/once.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/sniff/sniffer.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace stoa::files {
namespace {

using Clock = std::chrono::steady_clock;

Error quota_exceeded(const char* whose, const store::Quota& quota) {
  const Json details = {{"of", whose}, {"maxBytes", quota.bytes}, {"maxFiles", quota.files}};
  return {kQuotaExceeded, std::string(kQuotaExceeded.message), details};
}

store::Quota quota_of_user(const FilesConfig& config) {
  return {config.user_quota, config.max_files_per_user};
}
store::Quota quota_of_room(const FilesConfig& config) {
  return {config.room_quota, config.max_files_per_room};
}

// What was made of it is more than came.
void reserve_more(pg::Tx& tx, const store::NewFile& file, std::uint64_t bytes,
                  const FilesConfig& config) {
  const auto of_user = quota_of_user(config), of_room = quota_of_room(config);
  if (!store::reserve_more(tx, file.owner.uuid, bytes, of_user)) {
    throw quota_exceeded("user", of_user);
  }
  if (file.room && !store::reserve_more(tx, file.room->uuid, bytes, of_room)) {
    throw quota_exceeded("room", of_room);
  }
}

// The room of a file of that kind, if it has one.
void require_place(const Kind& kind, const std::optional<RoomId>& room) {
  Issues issues;
  issues.enter("roomId");
  if (kind.in == In::room && !room) issues.required("string");
  if (kind.in == In::none && room) issues.add("too_big", "These files are in no room");
  issues.leave();
  if (!issues.empty()) issues.raise();
}

// The same, counted in that seat, which outlives it.
Incoming counted(Incoming incoming, const Seats::Seat& seat) {
  auto next = [next = std::move(incoming.next), &seat]() -> Task<std::string_view> {
    const auto piece = co_await next();
    seat.came(piece.size());
    co_return piece;
  };
  incoming.next = std::move(next);
  return incoming;
}

}  // namespace

Error too_large(std::uint64_t most) {
  const Json details = {{"limit", most}};
  return {Code::too_large, "A file has at most " + std::to_string(most) + " bytes", details};
}

Incoming Incoming::of(http::FormFile file) {
  return {.name = file.name(),
          .most = file.most(),
          .next = [file]() mutable { return file.next(); },
          .keeps = [file](std::size_t bytes) mutable { file.keeps(bytes); }};
}

Task<FileView> Files::upload(Creator creator, NewUpload upload, http::FormFile file) {
  const Kind kind = served(upload.kind.value).kind;
  auto incoming = Incoming::of(file);
  incoming.key = creator.key;
  auto view = co_await receive(std::move(creator), kind, upload.room_id, std::move(incoming));
  co_return view;
}

Task<FileView> Files::receive(Caller caller, Kind kind_of, std::optional<RoomId> room,
                              Incoming incoming) {
  const Served& serving = served(kind_of.name);
  Arrival arrival;
  arrival.file.owner = caller.user;
  arrival.by = caller;
  arrival.file.room = room;
  arrival.file.kind = serving.kind.name;
  require_place(serving.kind, room);
  const TurnKey who = net::share_of(*caller.client, caller);
  co_await serving.keeper->require_uploader(std::move(caller), room);
  const UserId user = arrival.file.owner;
  auto key = incoming.key;
  Incoming same = incoming;
  if (co_await has_come(user, who, std::move(key), std::move(same))) {
    auto then = answer_of_then<FileView>(user, incoming.key);
    auto brought = co_await parts_.db.transaction(std::move(then));
    co_return brought;
  }
  auto view = co_await take(std::move(arrival), who, std::move(incoming));
  co_return view;
}

// Without a row and a place in the storage: the quota may be full by what came first.
Task<bool> Files::has_come(UserId user, TurnKey who, std::shared_ptr<RequestKey> key,
                           Incoming incoming) {
  if (!key) co_return false;
  auto used = is_used(user, *key);
  if (!co_await parts_.db.run(std::move(used))) co_return false;
  const auto seat = seats_->take(who);
  incoming = counted(std::move(incoming), seat);
  const auto end = Clock::now() + config_.upload_time;
  identity::Sha256 hash;
  for (;;) {
    const auto piece = co_await incoming.next();
    if (piece.empty()) break;
    if (Clock::now() > end) throw Error(Code::request_timeout);
    hash.add(piece);
  }
  key->fingerprint += to_hex(hash.finish());
  co_return true;
}

Task<FileView> Files::take(Caller owner, Kind kind, std::optional<RoomId> room, Incoming incoming) {
  Arrival arrival;
  arrival.file.owner = owner.user;
  arrival.by = owner;
  arrival.file.room = room;
  arrival.file.kind = kind.name;
  arrival.is_made_here = true;
  return take(std::move(arrival), net::share_of(*owner.client, owner), std::move(incoming));
}

Task<FileView> Files::take(Arrival arrival, TurnKey who, Incoming incoming) {
  const auto seat = seats_->take(who);
  const std::uint64_t most = config_.max_bytes;
  // What was announced has a few bytes more than the file.
  constexpr std::uint64_t kMore = 8;
  if (incoming.most.value_or(0) > most + kMore) throw too_large(most);
  arrival.file.id = FileId::make();
  arrival.file.name = incoming.name.empty() ? "file" : incoming.name;
  arrival.file.reserved = static_cast<std::int64_t>(std::min(incoming.most.value_or(most), most));
  arrival.key = incoming.key;
  auto begin = beginning(arrival);
  co_await parts_.db.transaction(std::move(begin));
  incoming = counted(std::move(incoming), seat);
  auto view = co_await fill(std::move(arrival), std::move(incoming));
  co_return view;
}

Task<BegunUpload> Files::begin_upload(Creator creator, UploadWish wish) {
  const Served& serving = served(wish.kind.value);
  const UserId user = creator.user;
  auto key = creator.key;
  require_place(serving.kind, wish.room_id);
  if (static_cast<std::uint64_t>(wish.size.value) > config_.max_bytes) {
    throw too_large(config_.max_bytes);
  }
  co_await serving.keeper->require_uploader(std::move(creator), wish.room_id);
  const Timestamp until = std::chrono::floor<Seconds>(now() + config_.upload_time);
  const std::string name = http::clean_file_name(wish.name.value);
  Arrival arrival;
  arrival.file = {FileId::make(),
                  user,
                  wish.room_id,
                  std::string(serving.kind.name),
                  name.empty() ? "file" : name,
                  wish.size.value,
                  until};
  auto work = once(user, std::move(key), [begin = beginning(arrival), until](pg::Tx& tx) {
    return BegunFile{begin(tx), until};
  });
  BegunFile begun = co_await parts_.db.transaction(std::move(work));
  // What was begun by the same key, hours ago.
  if (begun.until <= now()) throw Error(kLinkExpired);
  UploadWay way = way_of(user, begun.file, begun.until);
  co_return BegunUpload{std::move(begun.file), std::move(way)};
}

UploadWay Files::way_of(UserId user, const FileView& file, Timestamp expires) const {
  storage::LinkToPut wanted{};
  wanted.ttl = std::chrono::ceil<Seconds>(expires - now());
  wanted.size = static_cast<std::uint64_t>(file.size);
  wanted.media_type = std::string(sniff::kUnknown);
  if (auto link = parts_.storage.link_to_put(staged_key_of(file.id), wanted)) {
    UploadWay way{std::move(link->method), std::move(link->url), {}, expires};
    for (auto& [name, value] : link->headers) {
      way.headers.push_back({std::move(name), std::move(value)});
    }
    return way;
  }
  std::string url = "/api/uploads/" + file.id.str() + "/content?token=";
  url += parts_.links.token(LinkTo::write, file.id, user, expires);
  return {"PUT", std::move(url), {{"Content-Type", std::string(sniff::kUnknown)}}, expires};
}

// Once: a second request with the link finds that the file is being written, or is there.
Task<FileView> Files::put(Client client, LinkQuery query, http::Bytes body) {
  const auto user = parts_.links.read(LinkTo::write, query.id, query.token.value);
  if (!user) throw Error(Code::not_found);
  const TurnKey whose{net::share_of(client, {}).outer, net::turn_of(*user).outer};
  const auto seat = seats_->take(whose);
  const Timestamp due = now() + config_.upload_time + kGrace;
  auto claiming = store::claim(query.id, *user, due);
  auto claimed = co_await parts_.db.run(std::move(claiming));
  if (!claimed) throw Error(kInUse, "This link was used already");
  Arrival arrival;
  arrival.file = {
      query.id,     *user, claimed->room_id, std::move(claimed->kind), std::move(claimed->name),
      claimed->size};
  Incoming incoming{.name = {},
                    .most = body.length(),
                    .next = [body]() mutable { return body.next(); },
                    .keeps = [body](std::size_t bytes) mutable { body.keeps(bytes); }};
  incoming = counted(std::move(incoming), seat);
  auto view = co_await fill(std::move(arrival), std::move(incoming));
  co_return view;
}

std::function<FileView(pg::Tx&)> Files::beginning(const Arrival& arrival) const {
  const Timestamp due = now() + config_.upload_time + kGrace;
  const store::Quota of_user = quota_of_user(config_);
  const store::Quota of_room = quota_of_room(config_);
  const store::Quota loose{std::max<std::uint64_t>(config_.loose_per_room, config_.max_bytes),
                           config_.max_loose_files_per_room};
  const auto most_open = static_cast<std::int64_t>(config_.open_uploads_per_user);
  return [file = arrival.file, due, of_user, of_room, loose, most_open](pg::Tx& tx) {
    const auto bytes = static_cast<std::uint64_t>(file.reserved);
    if (!store::reserve(tx, file.owner.uuid, bytes, of_user)) {
      throw quota_exceeded("user", of_user);
    }
    if (file.room && !store::reserve(tx, file.room->uuid, bytes, of_room)) {
      throw quota_exceeded("room", of_room);
    }
    // The owner's row is held by now, so nobody else counts.
    if (file.room) {
      const auto taken = tx.run(store::find_loose(file.owner, *file.room));
      if (static_cast<std::uint64_t>(taken.bytes) + bytes > loose.bytes ||
          static_cast<std::uint64_t>(taken.files) >= loose.files) {
        throw quota_exceeded("loose", loose);
      }
    }
    if (file.open_until && tx.run(store::count_open(file.owner)) >= most_open) {
      throw Error(kTooManyUploads);
    }
    return tx.run(store::insert_file(file, due));
  };
}

Task<FileView> Files::fill(Arrival arrival, Incoming incoming) {
  arrival.end = Clock::now() + config_.upload_time;
  FileView view;
  std::exception_ptr failure;
  try {
    view = co_await fill_or_throw(arrival, incoming);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await give_up(arrival);
    std::rethrow_exception(failure);
  }
  // Another request with this key was sooner.
  if (view.id != arrival.file.id) co_await give_up(arrival);
  if (received_ != nullptr && view.id == arrival.file.id) {
    received_->Increment();
    received_bytes_->Increment(static_cast<double>(arrival.size));
  }
  co_return view;
}

Task<FileView> Files::fill_or_throw(Arrival& arrival, Incoming& incoming) {
  co_await write(arrival, incoming);
  const auto object = co_await parts_.storage.open(key_of(arrival.file.id));
  const TurnKey who = net::turn_of(arrival.file.owner);
  store::Settled settled;
  const bool is_scanned = parts_.clamd != nullptr && !arrival.is_made_here;
  settled.state = is_scanned ? FileState::scanning : FileState::ready;
  settled.media_type = co_await type_of(*object, who);
  settled.size = arrival.size;
  settled.sha256 = arrival.sha256;
  if (!takes(settled.media_type)) {
    const Json details = {{"mediaType", settled.media_type}, {"types", config_.types}};
    throw Error(kTypeRefused, "Files of the type " + settled.media_type + " are not taken here",
                details);
  }
  if (incoming.sha256) *incoming.sha256 = arrival.sha256;
  if (arrival.key) arrival.key->fingerprint += arrival.sha256;
  std::optional<store::MadePicture> made;
  if (!arrival.is_made_here) {
    const Renewal renewal{arrival.file.id, who, arrival.end, incoming.keeps};
    made = co_await renew(renewal, *object, settled);
  }
  auto view = co_await settle(arrival, std::move(settled), std::move(made));
  co_return view;
}

Task<> Files::write(Arrival& arrival, Incoming& incoming) {
  storage::NewObject wanted{};
  wanted.expected = static_cast<std::uint64_t>(arrival.file.reserved);
  wanted.media_type = std::string(sniff::kUnknown);
  auto sink = co_await parts_.storage.create(key_of(arrival.file.id), std::move(wanted));
  identity::Sha256 hash;
  for (;;) {
    const auto piece = co_await incoming.next();
    if (piece.empty()) break;
    arrival.size += static_cast<std::int64_t>(piece.size());
    if (arrival.size > arrival.file.reserved) {
      throw too_large(static_cast<std::uint64_t>(arrival.file.reserved));
    }
    if (Clock::now() > arrival.end) throw Error(Code::request_timeout);
    hash.add(piece);
    co_await sink->write(piece);
    incoming.keeps(sink->held());
  }
  arrival.may_be_there = true;
  co_await sink->commit();
  arrival.sha256 = to_hex(hash.finish());
}

Task<FileView> Files::settle(const Arrival& arrival, store::Settled settled,
                             std::optional<store::MadePicture> made) {
  const Timestamp due = now() + config_.keep_uploads;
  auto work = [this, settled, made, due, file = arrival.file, by = arrival.by](pg::Tx& tx) {
    // The studio, the storage and the recognition of types may have kept it waiting since its last byte came.
    if (by) {
      parts_.entrance.lock(tx, *by);
    } else {
      parts_.entrance.lock(tx, file.owner);
    }
    if (made) tx.run(store::set_picture(file.id, *made));
    auto view = tx.run(store::settle(file.id, settled, due));
    if (!view) throw Error(Code::request_timeout);  // swept meanwhile
    const std::int64_t taken = settled.size + (made ? made->sizes_bytes : 0);
    if (taken <= file.reserved) {
      store::release(tx, file.owner, file.room, file.reserved - taken, 0);
    } else {
      reserve_more(tx, file, static_cast<std::uint64_t>(taken - file.reserved), config_);
    }
    if (settled.state == FileState::scanning) {
      parts_.jobs.enqueue(tx, kExamineFile, ExamineFile{file.id}, {.key = file.id.str()});
    }
    return std::move(*view);
  };
  auto settling = once(arrival.file.owner, arrival.key, std::move(work));
  auto view = co_await parts_.db.transaction(std::move(settling));
  co_return view;
}

// What cannot be done now the sweep does. A file that is settled stays: when the answer to the commit was lost nobody knew. One
// that was dropped meanwhile, as when its owner has left the room, has no bytes that anybody else removes: they came later.
Task<> Files::give_up(const Arrival& arrival) noexcept {
  try {
    if (refused_ != nullptr) refused_->Increment();
    const auto dropped = co_await parts_.db.run(store::drop_receiving(arrival.file.id));
    if (dropped.value == 0 && co_await parts_.db.run(store::find_file(arrival.file.id))) co_return;
    if (arrival.may_be_there) co_await remove_bytes(arrival.file.id, true);
    auto work = [id = arrival.file.id](pg::Tx& tx) {
      const auto gone = tx.run(store::delete_dropped(id));
      if (gone) store::release(tx, gone->owner_id, gone->room_id, gone->size, 1);
    };
    co_await parts_.db.transaction(std::move(work));
  } catch (const std::exception& error) {
    log::warn("upload_left_to_sweep", {{"reason", error.what()}});
  }
}

}  // namespace stoa::files
