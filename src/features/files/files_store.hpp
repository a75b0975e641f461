#pragma once
// SQL of files and of what they take.
#include "features/files/files_types.hpp"

#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace stoa::files::store {

// ---- What files take ----

struct Quota {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
};
struct Taken {
  std::int64_t bytes = 0;
  std::int64_t files = 0;
};
BOOST_DESCRIBE_STRUCT(Taken, (), (bytes, files))

// Sets so much aside for one more file of a person or a room; false where the quota does not allow it. Holds the holder's row,
// so a person comes before a room.
bool reserve(pg::Tx& tx, const Uuid& holder, std::uint64_t bytes, const Quota& quota);
// Gives back what `files` files of the two have no use for any more.
void release(pg::Tx& tx, const std::optional<UserId>& owner, const std::optional<RoomId>& room,
             std::int64_t bytes, int files);
// Sets more aside for a file that is there; false likewise.
bool reserve_more(pg::Tx& tx, const Uuid& holder, std::uint64_t bytes, const Quota& quota);
pg::Query<std::optional<Taken>> find_usage(const Uuid& holder);

// ---- Files ----

struct NewFile {
  FileId id;
  UserId owner;
  std::optional<RoomId> room;
  std::string kind;
  std::string name;
  std::int64_t reserved = 0;
  std::optional<Timestamp> open_until = {};  // where it comes by a link
};
pg::Query<FileView> insert_file(const NewFile& file, Timestamp due);
// How many of his come by links and have not yet.
pg::Query<std::int64_t> count_open(UserId owner);
// What he has brought into the room, or is about to, and nothing keeps.
pg::Query<Taken> find_loose(UserId owner, RoomId room);

struct Claimed {
  std::string kind;
  std::optional<RoomId> room_id;
  std::string name;
  std::int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(Claimed, (), (kind, room_id, name, size))
// For whoever writes it now, which is done once and by then.
pg::Query<std::optional<Claimed>> claim(FileId id, UserId owner, Timestamp due);
// It lies in the storage as it was sent there; what it is is still to be seen.
pg::Query<std::optional<FileView>> begin_examination(FileId id, Timestamp due);

// What is known of a file's bytes once they are there.
struct Settled {
  FileState state = FileState::ready;
  std::string media_type;
  std::int64_t size = 0;
  std::string sha256;
};
// What was made of a picture.
struct MadePicture {
  int width = 0, height = 0;
  std::vector<int> sizes;
  std::optional<std::string> sizes_type;
  std::int64_t sizes_bytes = 0;
};
// Before the two below, in their transaction.
pg::Query<pg::Count> set_picture(FileId id, const MadePicture& made);

// Of a file that is being received; empty where it was swept meanwhile.
pg::Query<std::optional<FileView>> settle(FileId id, const Settled& settled, Timestamp due);
// The same of one that was being looked at. What is kept has no time, unless it is refused, and its owner may be gone.
pg::Query<std::optional<File>> decide(FileId id, const Settled& settled, Timestamp due);
// Of one of which that was empty.
pg::Query<pg::Count> drop_undecided(FileId id);

// Has the job of that kind done now which waits for the owner's next newer file that is to be looked at. One that has failed keeps
// its wait, and one that is parked is left to an operator. One that is being worked on for the first time is done again: it may just
// have found its owner's turn taken. Whatever has become of `after`, as long as its row is there.
pg::Query<pg::Count> wake_next(FileId after, std::string_view job);

pg::Query<std::optional<File>> find_file(FileId id);
// The same for somebody who may still sign in.
pg::Query<std::optional<File>> find_file_for(FileId id, UserId reader);
pg::Query<std::optional<File>> lock_file(FileId id);
// Those that are there.
pg::Query<std::vector<File>> list_files(const std::vector<FileId>& ids);
pg::Query<std::vector<FileView>> list_own(UserId owner, const FileListQuery& query,
                                          std::optional<FileId> before);

// The file of an emblem that is called so.
pg::Query<std::optional<FileId>> find_emblem(const Uuid& emblem, std::string_view kind,
                                             std::string_view name);

// ---- Going ----

// Its own, where nothing has it.
pg::Query<pg::Count> drop_own(FileId id, UserId owner);
// All that nothing keeps. What still comes has its row until it has surely ended, since without it its bytes were nobody's.
pg::Query<pg::Count> drop_loose_of(UserId owner);
// That one of the person's, or the next older one, that may be fetched.
pg::Query<std::optional<FileView>> find_ready(UserId owner, FileId file);
pg::Query<std::optional<FileView>> next_ready(UserId owner, std::optional<FileId> before);
pg::Query<std::vector<FileView>> export_files(UserId owner,
                                              const std::optional<std::tuple<FileId>>& before,
                                              int limit);
// Drops those that are past their time, and answers which are dropped and due, each again after a while unless its row is gone
// by then.
struct Swept {
  FileId id;
  bool by_link = false;
  bool with_sizes = false;  // it may have smaller pictures
};
BOOST_DESCRIBE_STRUCT(Swept, (), (id, by_link, with_sizes))
pg::Query<std::vector<Swept>> sweep(int most);
// Those whose link is over and that are something by now: what is looked at is copied from there still, however late.
pg::Query<std::vector<FileId>> sweep_staged(int most);

// One that will not come whole.
pg::Query<pg::Count> drop_receiving(FileId id);

struct Gone {
  std::optional<UserId> owner_id;
  std::optional<RoomId> room_id;
  std::int64_t size = 0;  // with all that was made of it
};
BOOST_DESCRIBE_STRUCT(Gone, (), (owner_id, room_id, size))
// Deletes the row, once nothing of the file is in the storage; not while a link is good that writes it there anew: what that
// writes is removed when the row is due again.
pg::Query<std::optional<Gone>> delete_dropped(FileId id);

// ---- Held against the storage ----

struct Promised {
  FileId id;
  std::string kind;
  std::int64_t size = 0;
  std::optional<UserId> owner_id;
  std::vector<int> sizes;
  std::int64_t sizes_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(Promised, (), (id, kind, size, owner_id, sizes, sizes_bytes))
// Of the rows that say that their bytes are there, the next by id.
pg::Query<std::vector<Promised>> next_promised(std::optional<FileId> after, int most);
pg::Query<pg::Count> drop_promised(FileId id);
// Whose smaller pictures it has no more; what they took, where it had some.
pg::Query<std::optional<Gone>> drop_sizes(FileId id);
struct Known {
  FileId id;
  bool is_ready = false;  // then its sizes are as they stay
  std::vector<int> sizes;
};
BOOST_DESCRIBE_STRUCT(Known, (), (id, is_ready, sizes))
// Those of them that have a row, whatever it says.
pg::Query<std::vector<Known>> known_of(const std::vector<FileId>& ids);

}  // namespace stoa::files::store
