#pragma once
// Pictures that stand for a person or a room, each two squares that are made anew (<stoa/pictures/pictures.hpp>) and kept as
// files of a kind of its own. Anybody who has the address of one may see it, and nobody guesses it
// (docs/adr/0037-pictures-that-stand-for-something.md). A feature has one of these for its kind:
//
//   auto brought = co_await logos_.bring(std::move(caller), room, std::move(file));  // files that nothing keeps yet
//   auto work = [url = logos_.address_of(brought.id)](pg::Tx& tx) { ... };           // locks what it stands for
//   auto room = co_await logos_.keep(std::move(brought), std::move(work));           // and the one before goes
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
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
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
  Caller by;  // who has brought it, and owns its files
  std::optional<RoomId> room;
  std::vector<FileId> files;
};

class Emblems final : public Keeper {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    pg::Database& db;
    Files& files;
    auth::Entrance& entrance;
    pictures::Studio& studio;
    const PicturesConfig& config;
  };
  // `address`: what an id is appended to, "https://stoa.example.org/api/avatars/".
  Emblems(Parts parts, const Kind& kind, std::string address);

  // Throws Error{NOT_A_PICTURE | PICTURE_TOO_LARGE | too_large}, and what Files::take() throws. Until it is kept nobody sees it;
  // what is never kept is swept.
  Task<Emblem> bring(Caller owner, std::optional<RoomId> room, http::FormFile file);
  // In the place of those before: of its room, or else of its owner. The work of its transaction locks what it stands for, so that
  // of several that come at once the last is kept, and its answer is that of the transaction. Throws Error{invalid_token |
  // suspended} where the sign-in ended while the picture was made, and what the work throws: then nothing is left of it.
  template <class Work>
  Task<std::invoke_result_t<Work&, pg::Tx&>> keep(Emblem emblem, Work work);
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
  void require_bringer(pg::Tx& tx, const Emblem& emblem) const;
  void put_in_place(pg::Tx& tx, const Emblem& emblem) const;
  Task<> drop(Emblem emblem) const noexcept;

  const Parts parts_;
  const Kind kind_;
  const std::string address_;
};

template <class Work>
Task<std::invoke_result_t<Work&, pg::Tx&>> Emblems::keep(Emblem emblem, Work work) {
  auto keeping = [this, emblem, work = std::move(work)](pg::Tx& tx) mutable {
    require_bringer(tx, emblem);
    auto answer = work(tx);
    put_in_place(tx, emblem);
    return answer;
  };
  std::exception_ptr failure;
  try {
    auto answer = co_await parts_.db.transaction(std::move(keeping));
    co_return answer;
  } catch (...) {
    failure = std::current_exception();
  }
  co_await drop(std::move(emblem));
  std::rethrow_exception(failure);
}

}  // namespace stoa::files
