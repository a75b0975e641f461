// What people do with files that are there.
#include "features/files/arrival.hpp"
#include "features/files/file_links.hpp"
#include "features/files/files_store.hpp"
#include "features/files/files_types.hpp"
#include "features/files/owner_turns.hpp"
#include "features/files/seats.hpp"

#include <stoa/core/log.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/core/query_parameters.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/files/inspection.hpp>
#include <stoa/module/file_source.hpp>
#include <stoa/net/turns.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace stoa::files {
namespace {

// What a file's bytes are called when they are given out. Whatever is in a text, a browser shows it as text.
std::string served_type(const std::string& media_type) {
  return media_type == "text/plain" ? media_type + "; charset=utf-8" : media_type;
}

void require_ready(const File& file) {
  if (file.state == FileState::refused) throw Error(kRefused);
  if (file.state != FileState::ready) throw Error(kNotReady);
}

Seats::Bounds bounds_of_uploads(const FilesConfig& config) {
  return {.most = config.uploads,
          .of_user = config.uploads_per_user,
          .part = config.uploads_per_address};
}
Seats::Bounds bounds_of_downloads(const FilesConfig& config) {
  return {.most = config.downloads,
          .of_user = config.downloads_per_user,
          .of_address = config.downloads_per_address,
          .of_strangers = config.downloads_of_strangers};
}

// In a seat for as long as it is open. Whoever reads nothing is not asked for more either: where it gives way it is cut.
class SeatedSource final : public http::Source {
 public:
  SeatedSource(std::shared_ptr<http::Source> source, Seats::Seat seat)
      : seat_(std::move(seat)), source_(std::move(source)) {}

  std::optional<std::uint64_t> size() const noexcept override { return source_->size(); }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    const auto piece = co_await source_->read(offset, most);
    seat_.came(piece.size());
    co_return piece;
  }
  void cut_by(std::function<void()> cut) override { seat_.on_give_way(std::move(cut)); }

 private:
  const Seats::Seat seat_;
  const std::shared_ptr<http::Source> source_;
};

}  // namespace

Files::Files(Parts parts, const FilesConfig& config, const PicturesConfig& pictures)
    : parts_(parts),
      config_(config),
      pictures_(pictures),
      seats_(std::make_unique<Seats>(bounds_of_uploads(config), kTooManyUploads)),
      download_seats_(std::make_unique<Seats>(bounds_of_downloads(config), kTooManyDownloads)),
      examining_(std::make_unique<OwnerTurns>()) {}

Files::~Files() = default;

void Files::serve(const Kind& kind, Keeper& keeper) {
  for (const Served& one : served_) {
    if (one.kind.name == kind.name) {
      throw std::logic_error("a kind of file is served twice: " + std::string(kind.name));
    }
  }
  served_.push_back({kind, &keeper});
}

const Files::Served& Files::served(std::string_view kind) const {
  const auto found = std::find_if(served_.begin(), served_.end(),
                                  [kind](const Served& one) { return one.kind.name == kind; });
  if (found != served_.end()) return *found;
  std::vector<std::string_view> names;
  for (const Served& one : served_) names.push_back(one.kind.name);
  Issues issues;
  issues.enter("kind");
  issues.not_one_of(names);
  issues.raise();
}

// ---- Looking ----

Task<std::vector<File>> Files::find(std::vector<FileId> ids) {
  return parts_.db.run(store::list_files(ids));
}

Task<File> Files::find_for(UserId reader, FileId id) const {
  auto found = co_await parts_.db.run(store::find_file_for(id, reader));
  File file = require_found(std::move(found));
  if (file.owner_id == reader) co_return file;
  // What nothing keeps is its owner's affair.
  if (!file.held_by) throw Error(Code::not_found);
  co_await served(file.kind).keeper->require_reader(reader, file);
  co_return file;
}

Task<FileView> Files::get(Caller caller, FileQuery query) {
  File file = co_await find_for(caller.user, query.id);
  co_return FileView(std::move(file));
}

Task<Page<FileView>> Files::list(Caller caller, FileListQuery query) {
  auto listing = store::list_own(caller.user, query, id_of<FileId>(query.cursor));
  auto files = co_await parts_.db.run(std::move(listing));
  co_return page_by_id(std::move(files), *query.limit);
}

Task<Usage> Files::usage(Caller caller) {
  const auto found = co_await parts_.db.run(store::find_usage(caller.user.uuid));
  const auto taken = found.value_or(store::Taken{});
  const auto bytes = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  co_return Usage{taken.bytes, taken.files, bytes(config_.user_quota),
                  bytes(config_.max_files_per_user), bytes(config_.max_bytes)};
}

// ---- Giving out ----

Task<http::Download> Files::give(File file, TurnKey whom, std::optional<int> size, Way way) const {
  require_ready(file);
  const auto side = picture_for(file, size);
  const auto key = side ? picture_key_of(file.id, *side) : key_of(file.id);
  const std::string type = served_type(side ? file.sizes_type.value_or("") : file.media_type);
  const bool is_shown = way == Way::emblem || side || is_made_here(file);
  const std::string disposition = http::content_disposition(
      is_shown ? http::Disposition::inline_ : http::Disposition::attachment, file.name);
  http::Download download;
  // Whoever may have it is asked each time, also where a browser has its bytes.
  download.headers.set("cache-control", "private, no-cache");
  download.headers.set("vary", "Authorization");
  storage::LinkToGet wanted{};
  wanted.ttl = std::chrono::ceil<Seconds>(config_.link_ttl);
  wanted.disposition = disposition;
  wanted.media_type = type;
  // A page shows what its own server gives it, and nothing else.
  auto elsewhere =
      size || way == Way::emblem ? std::nullopt : parts_.storage.link_to_get(key, wanted);
  if (elsewhere) {
    download.status = 302;
    download.headers.set("location", elsewhere->url);
    download.headers.set("cache-control", "no-store");
    co_return download;
  }
  auto seat = download_seats_->take(whom, way == Way::link ? Seats::By::link : Seats::By::himself);
  auto object = co_await parts_.storage.open(key);
  download.headers.set("content-type", type);
  download.headers.set("content-disposition", disposition);
  // Beside the policy of all answers: where it is shown all the same, nothing in it runs.
  download.headers.set("content-security-policy", "sandbox");
  download.etag = '"' + file.sha256.value_or("") + (side ? "-" + std::to_string(*side) : "") + '"';
  download.last_modified = file.created_at;
  download.source =
      std::make_shared<SeatedSource>(object_source(std::move(object)), std::move(seat));
  co_return download;
}

Task<http::Download> Files::download(Caller caller, FileDownload query) {
  File file = co_await find_for(caller.user, query.id);
  co_return co_await give(std::move(file), net::share_of(*caller.client, caller), query.size);
}

Task<FileLink> Files::link(Caller caller, FileDownload query) {
  File file = co_await find_for(caller.user, query.id);
  require_ready(file);
  const Timestamp expires = now() + config_.link_ttl;
  std::string url = "/api/files/" + file.id.str() + "/content?token=";
  url += parts_.links.token(LinkTo::fetch, file.id, caller.user, expires);
  if (query.size) url += "&size=" + std::to_string(query.size->value);
  co_return FileLink{std::move(url), expires};
}

Task<http::Download> Files::follow(Client client, ContentQuery query) {
  const auto reader = parts_.links.read(LinkTo::fetch, query.id, query.token.value);
  if (!reader) throw Error(Code::not_found);
  File file = co_await find_for(*reader, query.id);
  const TurnKey whom{net::share_of(client, {}).outer, net::turn_of(*reader).outer};
  auto download = co_await give(std::move(file), whom, query.size, Way::link);
  co_return download;
}

std::optional<UserId> Files::named_by(LinkTo what, const http::Request& request) const {
  const auto is = [](const char* name) {
    return [name](const auto& pair) { return pair.first == name; };
  };
  const auto query = query_parameters(request.query);
  const auto token = std::find_if(query.begin(), query.end(), is("token"));
  const auto param = std::find_if(request.params.begin(), request.params.end(), is("id"));
  if (token == query.end() || param == request.params.end()) return std::nullopt;
  const auto id = FileId::parse(param->second);
  try {
    return id ? parts_.links.read(what, *id, token->second) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// ---- Going ----

Task<> Files::remove(Caller caller, FileQuery query) {
  const auto found = co_await parts_.db.run(store::find_file(query.id));
  if (!found || found->owner_id != caller.user) throw Error(Code::not_found);
  if (found->held_by) throw Error(kInUse, "Delete what has this file instead");
  if (found->state == FileState::receiving) throw Error(kNotReady);
  auto dropping = store::drop_own(query.id, caller.user);
  const auto dropped = co_await parts_.db.run(std::move(dropping));
  if (dropped.value == 0) throw Error(kInUse);  // by something that was a moment sooner
}

std::int64_t Files::sweep(pg::Tx& tx, int most) {
  const auto ids = tx.run(store::sweep(most));
  for (const auto& [id, by_link, with_sizes] : ids) {
    parts_.jobs.enqueue(tx, kRemoveFile, RemoveFile{id, by_link, {with_sizes}}, {.key = id.str()});
  }
  return static_cast<std::int64_t>(ids.size());
}

std::int64_t Files::sweep_staged(pg::Tx& tx, int most) {
  const auto ids = tx.run(store::sweep_staged(most));
  for (const FileId id : ids) {
    parts_.jobs.enqueue(tx, kRemoveStaged, RemoveStaged{id}, {.key = id.str()});
  }
  return static_cast<std::int64_t>(ids.size());
}

Task<> Files::remove_staged(RemoveStaged job) {
  co_await parts_.storage.remove(staged_key_of(job.file));
}

Task<> Files::remove_strays(Timestamp before) {
  try {
    co_await remove_stray_uploads(parts_.db, parts_.storage, before);
  } catch (const Error& error) {
    // As where the bucket's user may not list: then its own rule removes them. Another sweep follows.
    log::warn("stray_uploads_left", {{"reason", error.what()}});
  }
}

// The file goes before its row, so that what is left half done is found again.
Task<> Files::remove_file(RemoveFile job, jobs::Attempt attempt) {
  if (job.by_link) co_await parts_.storage.remove(staged_key_of(job.file));
  co_await remove_bytes(job.file, job.with_sizes);
  auto work = [file = job.file, attempt](pg::Tx& tx) {
    if (const auto gone = tx.run(store::delete_dropped(file))) {
      store::release(tx, gone->owner_id, gone->room_id, gone->size, 1);
    }
    attempt.finish(tx);
  };
  co_await parts_.db.transaction(std::move(work));
}

void Files::bind(Metrics& metrics) {
  received_ = &metrics.counter("stoa_files_received_total", "Files that came whole", {});
  received_bytes_ = &metrics.counter("stoa_files_received_bytes_total", "Bytes of them", {});
  refused_ = &metrics.counter("stoa_files_given_up_total",
                              "Files of which nothing was left: refused, too large, cut off", {});
  metrics.observe("stoa_files_uploads", "Files that are coming",
                  [this] { return static_cast<double>(seats_->size()); });
  metrics.observe("stoa_files_downloads", "Files that are being given out from this node's disk",
                  [this] { return static_cast<double>(download_seats_->size()); });
}

}  // namespace stoa::files
