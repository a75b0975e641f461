#pragma once
// Files that people bring: taken as they come, looked at, kept for what names them, and given out again. Their bytes lie in
// <stoa/storage/storage.hpp>, under names made of ids.
//
// A feature that has files declares a kind, and says who may bring one and who may have one that it keeps:
//
//   inline constexpr files::Kind kMessageFile{"message", files::In::room};
//   on.services.need<files::Files>().serve(kMessageFile, *chat);             // where it is made
//
// A file is brought first, by POST /api/files or a feature's own form, and is its owner's alone until something keeps it: the
// feature sets held_by in the statement that makes what keeps it, and from then on the file goes with that. What nothing keeps
// is swept after files.keep_uploads.
//
// The row comes first, with what the file may take set aside; then the bytes; then the row says that they are there
// (docs/adr/0031-files-the-row-first.md). So whenever the process ends, nothing lies in the storage without a row that is
// swept, and nothing is given out whose bytes are not there.
//
// A file that is a picture is made anew before anybody is given it, in a few sizes (docs/adr/0036-pictures-are-made-anew.md).
//
// Owned by the feature, any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/files/file_view.hpp>
#include <stoa/files/files_config.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/route.hpp>
#include <stoa/http/source.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/module/people.hpp>
#include <stoa/pictures/pictures.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/storage/storage.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::auth {
class Entrance;
}
namespace stoa::sniff {
class Sniffer;
}

namespace stoa::files {

struct Arrival;
struct BegunUpload;
struct ContentQuery;
struct ExamineFile;
struct FileDownload;
struct FileLink;
struct FileListQuery;
struct FileQuery;
struct LinkQuery;
struct PicturesConfig;
struct Renewal;
struct NewUpload;
struct RemoveFile;
struct RemoveStaged;
struct UploadWay;
struct UploadWish;
struct Usage;
class Clamd;
class FileLinks;
class OwnerTurns;
class Seats;
enum class LinkTo;
namespace store {
struct MadePicture;
struct Settled;
}  // namespace store

// Where files of a kind are: each in a room, some in one, or none.
enum class In { room, room_or_none, none };

// What a feature calls its files, in the rows too: a constant of it.
struct Kind {
  std::string_view name;  // a-z and _, 32 characters at most
  In in = In::none;
};

// What the feature of a kind decides.
class Keeper {
 public:
  virtual ~Keeper() = default;
  // Whether that person may bring a file, there. Throws Error where not.
  virtual Task<> require_uploader(Caller caller, std::optional<RoomId> room) = 0;
  // Whether that person may have a file that is kept, and is not his own. Throws Error where not; not_found where he may not
  // know of it.
  virtual Task<> require_reader(UserId reader, const File& file) = 0;
};

// What is wrong with a picture, as clients are told.
Error error_of(pictures::Reason reason);

// What is brought: its bytes piece by piece, as <stoa/http/body.hpp> has them.
struct Incoming {
  std::string name;
  std::optional<std::uint64_t> most;  // that may come, where it was announced
  std::function<Task<std::string_view>()> next;
  std::function<void(std::size_t)> keeps;
  std::shared_ptr<RequestKey> key = {};  // by which it is brought once, however often it is sent
  std::shared_ptr<std::string> sha256 =
      {};  // where the hash of what came goes: of a picture something else is kept

  static Incoming of(http::FormFile file);
};

class Files {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    jobs::Queue& jobs;
    realtime::Hub& hub;
    auth::Entrance& entrance;
    storage::Storage& storage;
    sniff::Sniffer& sniffer;
    pictures::Studio& studio;
    const FileLinks& links;
    const Clamd* clamd;  // null: files are not scanned
  };

  Files(Parts parts, const FilesConfig& config, const PicturesConfig& pictures);
  ~Files();

  // ---- For features ----

  // Before the server runs. A second one of a name is a std::logic_error. Both outlive the server's work.
  void serve(const Kind& kind, Keeper& keeper);
  // Takes a file of that person to its end; nothing keeps it yet. Who may is asked first. Throws Error{TOO_MANY_UPLOADS |
  // QUOTA_EXCEEDED | FILE_TYPE_REFUSED | NOT_A_PICTURE | PICTURE_TOO_LARGE | too_large | storage_full | overloaded}, and whatever the bytes and the keeper throw,
  // and invalid_token or suspended where the sign-in has ended before it was there: then nothing is left of it.
  Task<FileView> receive(Caller caller, Kind kind, std::optional<RoomId> room, Incoming incoming);
  // The same without asking who may: of what the server has made itself.
  Task<FileView> take(Caller owner, Kind kind, std::optional<RoomId> room, Incoming incoming);
  // For a feature's own form: whether that key was used before. Then the file was read, for the key to know it by, and lies
  // nowhere; the answer is answer_of_then() (<stoa/module/once.hpp>).
  Task<bool> has_come(UserId user, TurnKey who, std::shared_ptr<RequestKey> key, Incoming incoming);
  // Those that are there, in no order.
  Task<std::vector<File>> find(std::vector<FileId> ids);
  // How somebody comes to have a file's bytes.
  enum class Way {
    token,   // he has signed in
    link,    // by a link of that person's, who may have passed it on
    emblem,  // everybody may
  };
  // Gives its bytes out to somebody who may have it: `whom` is his address and he (net::share_of). Throws Error{FILE_NOT_READY |
  // FILE_REFUSED | TOO_MANY_DOWNLOADS | not_found | overloaded}.
  // Of a picture also the least that has so many pixels on its longer side. Shown in the page is only what the server has made
  // itself, pictures among it, and emblems.
  Task<http::Download> give(File file, TurnKey whom, std::optional<int> size = {},
                            Way way = Way::token) const;

  // ---- Its rows ----

  Task<FileView> upload(Creator creator, NewUpload upload, http::FormFile file);
  // In three steps, of which the second needs no token: it is the storage's where that gives out links, else this server's.
  Task<BegunUpload> begin_upload(Creator creator, UploadWish wish);
  Task<FileView> put(Client client, LinkQuery query, http::Bytes body);
  Task<FileView> complete_upload(Caller caller, FileQuery query);
  Task<FileView> get(Caller caller, FileQuery query);
  Task<Page<FileView>> list(Caller caller, FileListQuery query);
  Task<Usage> usage(Caller caller);
  Task<> remove(Caller caller, FileQuery query);
  Task<http::Download> download(Caller caller, FileDownload query);
  Task<FileLink> link(Caller caller, FileDownload query);
  Task<http::Download> follow(Client client, ContentQuery query);
  // Whose link it is that a request shows; empty where it is not right, or over.
  std::optional<UserId> named_by(LinkTo what, const http::Request& request) const;

  // ---- The copy of everything that is held about a person ----

  // As people::Export has it.
  Task<people::Piece> export_bytes(UserId owner, std::string at) const;

  // ---- What it does later ----

  Task<> remove_file(RemoveFile job, jobs::Attempt attempt);
  Task<> remove_staged(RemoveStaged job);
  // Staged bytes of uploads that began before then and have no row.
  Task<> remove_strays(Timestamp before);
  Task<> examine(ExamineFile job, jobs::Attempt attempt);
  // A slice of the sweep; answers how many files are to be removed.
  std::int64_t sweep(pg::Tx& tx, int most);
  std::int64_t sweep_staged(pg::Tx& tx, int most);

  // Before the server runs.
  void bind(Metrics& metrics);

  const FilesConfig& config() const noexcept { return config_; }

 private:
  struct Served {
    Kind kind;
    Keeper* keeper;
  };
  const Served& served(std::string_view kind) const;
  // Whom a file is for. Throws Error{not_found}, and what its keeper throws.
  Task<File> find_for(UserId reader, FileId id) const;
  // The work of a transaction: its row, with what it may take set aside.
  std::function<FileView(pg::Tx&)> beginning(const Arrival& arrival) const;
  // Where an upload's bytes are sent, until then.
  UploadWay way_of(UserId user, const FileView& file, Timestamp expires) const;
  // Its bytes, up to the end; where that is not reached nothing is left of it.
  Task<FileView> fill(Arrival arrival, Incoming incoming);
  Task<FileView> fill_or_throw(Arrival& arrival, Incoming& incoming);
  Task<> write(Arrival& arrival, Incoming& incoming);
  Task<FileView> settle(const Arrival& arrival, store::Settled settled,
                        std::optional<store::MadePicture> made);
  Task<FileView> take(Arrival arrival, TurnKey who, Incoming incoming);
  Task<> give_up(const Arrival& arrival) noexcept;
  // What is in the storage, by its bytes.
  Task<std::string> type_of(storage::Object& object, TurnKey who) const;
  bool takes(std::string_view media_type) const;
  // By clamd, where there is one. Throws what it throws where it has no verdict.
  Task<bool> is_harmful(FileId file, storage::Object& object) const;
  // What a file is that came by itself, for whoever examines it.
  Task<std::optional<store::MadePicture>> look_at(const File& file, store::Settled& settled) const;
  // Makes a picture anew in the place of what came, and smaller ones beside it; says so in `settled`. None of what is no
  // picture. Throws Error{NOT_A_PICTURE | PICTURE_TOO_LARGE | too_large | request_timeout}.
  Task<std::optional<store::MadePicture>> renew(const Renewal& of, storage::Object& object,
                                                store::Settled& settled) const;
  // Answers the hash.
  Task<std::string> put_made(storage::Key key, const std::string& bytes) const;
  Task<> remove_bytes(FileId file, bool with_sizes) const;

  const Parts parts_;
  const FilesConfig& config_;
  const PicturesConfig& pictures_;
  std::vector<Served> served_;
  std::unique_ptr<Seats> seats_;
  std::unique_ptr<Seats> download_seats_;
  std::unique_ptr<OwnerTurns> examining_;
  metrics::Counter* received_ = nullptr;
  metrics::Counter* received_bytes_ = nullptr;
  metrics::Counter* refused_ = nullptr;
};

http::Routes files_routes(Files& files);
realtime::OutgoingTable files_sends();

}  // namespace stoa::files
