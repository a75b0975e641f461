#pragma once
// Pictures that stand for a person or a room, each two squares that are made anew (<stoa/pictures/pictures.hpp>) and kept as
// files of a kind of its own. Anybody who has the address of one may see it, and nobody guesses it
// (docs/adr/0037-pictures-that-stand-for-something.md). A feature has one of these for its kind:
//
//   const auto brought = co_await logos_.bring(std::move(caller), room, std::move(file));  // files that nothing keeps yet
//   co_await db_.transaction([=](pg::Tx& tx) { ...; logos_.keep(tx, brought); });          // and the one before goes
//
// Owned by the feature, any shard.
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/pictures_config.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/route.hpp>
#include <stoa/pictures/pictures.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::files {

using EmblemId = Id<struct EmblemTag>;

enum class EmblemSize { small, large };  // 128 and 512 pixels
BOOST_DESCRIBE_ENUM(EmblemSize, small, large)

struct EmblemQuery {
  EmblemId id;
  Or<EmblemSize, EmblemSize::large> size;
};
BOOST_DESCRIBE_STRUCT(EmblemQuery, (), (id, size))

// It takes room of its owner's quota, and of its room's, if it has one.
struct Emblem {
  EmblemId id;
  UserId owner;
  std::optional<RoomId> room;
  std::vector<FileId> files;
};

class Emblems final : public Keeper {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    Files& files;
    pictures::Studio& studio;
    const PicturesConfig& config;
  };
  // `address`: what an id is appended to, "https://stoa.example.org/api/avatars/".
  Emblems(Parts parts, const Kind& kind, std::string address);

  // Throws Error{NOT_A_PICTURE | PICTURE_TOO_LARGE | too_large}, and what Files::take() throws. Until it is kept nobody sees it;
  // what is never kept is swept.
  Task<Emblem> bring(Caller owner, std::optional<RoomId> room, http::FormFile file);
  // In the place of those before: of its room, or else of its owner. Whoever calls holds the lock of what it stands for, so that
  // of several that come at once the last is kept.
  void keep(pg::Tx& tx, const Emblem& emblem) const;
  std::string address_of(EmblemId id) const { return address_ + id.str(); }
  // Its bytes, for anybody. Throws Error{not_found | TOO_MANY_DOWNLOADS | overloaded}.
  Task<http::Download> show(Client client, EmblemQuery query);
  // How many bytes the form has at most that brings one.
  std::uint64_t most_form() const;

  // ---- Of files ----

  // People's own forms bring no files of these kinds: what they would bring has not been made anew.
  Task<> require_uploader(Caller caller, std::optional<RoomId> room) override;
  Task<> require_reader(UserId reader, const File& file) override;

 private:
  Task<std::string> read_whole(http::FormFile file) const;

  const Parts parts_;
  const Kind kind_;
  const std::string address_;
};

}  // namespace stoa::files
