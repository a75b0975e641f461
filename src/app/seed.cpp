#include "app/seed.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/identity/passwords.hpp>

#include <array>

namespace stoa::app {
namespace {

constexpr std::array kPeople = {
    DemoPerson{"ada@demo.example", "Ada Lovelace", "ada"},
    DemoPerson{"grace@demo.example", "Grace Hopper", "grace"},
    DemoPerson{"alan@demo.example", "Alan Turing", "alan"},
    DemoPerson{"emmy@demo.example", "Emmy Noether", "emmy"},
};

struct DemoRoom {
  std::string_view name;
  std::string_view description;
  std::string_view type;
  std::size_t owner;  // in kPeople
};
constexpr std::array kRooms = {
    DemoRoom{"Linear algebra, together", "Problem sheets on Tuesdays, proofs whenever.", "public",
             3},
    DemoRoom{"Compilers reading group", "One chapter a week; bring questions.", "public", 1},
    DemoRoom{"Exam sprint", "A small room with an invite.", "private", 0},
};

struct DemoLine {
  std::size_t sender;
  std::string_view text;
};
constexpr std::array kConversation = {
    DemoLine{3, "Has everybody seen why a linear map is fixed by what it does to a basis?"},
    DemoLine{0, "Yes, and it is why the matrix works at all. Shall we call at six?"},
    DemoLine{2, "Six is good. I will bring the problem with the change of basis."},
};

UserId add_person(pg::Tx& tx, const DemoPerson& person, const std::string& password_hash) {
  const auto id = UserId::make();
  tx.run(
      "insert into users (id, email, password_hash, full_name, username, is_verified) "
      "values ($1, $2, $3, $4, $5, true)",
      id, person.email, password_hash, person.full_name, person.username);
  return id;
}

RoomId add_room(pg::Tx& tx, const DemoRoom& room, std::span<const UserId> people) {
  const auto id = RoomId::make();
  tx.run(
      "insert into study_rooms (id, name, description, created_by, room_type, max_participants) "
      "values ($1, $2, $3, $4, $5, 8)",
      id, room.name, room.description, people[room.owner], room.type);
  for (std::size_t i = 0; i < people.size(); ++i) {
    tx.run("insert into room_members (room_id, user_id, role) values ($1, $2, $3)", id, people[i],
           i == room.owner ? "owner" : "member");
  }
  tx.run("update study_rooms set member_count = $2 where id = $1", id, people.size());
  return id;
}

void add_conversation(pg::Tx& tx, RoomId room, std::span<const UserId> people) {
  std::int64_t seq = 0;
  for (const auto& line : kConversation) {
    tx.run(
        "insert into messages (id, room_id, seq, sender_id, content) values ($1, $2, $3, $4, $5)",
        Uuid::v7(), room, ++seq, people[line.sender], line.text);
  }
  tx.run("update study_rooms set last_seq = $2 where id = $1", room, seq);
}

}  // namespace

std::span<const DemoPerson> demo_people() noexcept {
  return kPeople;
}
std::string_view demo_password() noexcept {
  return "stoa demo 2026";
}

std::size_t add_demo(pg::Database& db, const auth::AuthConfig& auth) {
  const auto present = db.run_blocking([](pg::Tx& tx) {
    return tx.get<bool>("select exists (select 1 from users where email = $1)", kPeople[0].email);
  });
  if (present) return 0;
  const auto hash = identity::Passwords(auth.bcrypt_cost).hash(demo_password());
  db.run_blocking([&hash](pg::Tx& tx) {
    std::array<UserId, kPeople.size()> people;
    for (std::size_t i = 0; i < kPeople.size(); ++i) people[i] = add_person(tx, kPeople[i], hash);
    std::optional<RoomId> first;
    for (const auto& room : kRooms) {
      const auto id = add_room(tx, room, people);
      if (!first) first = id;
    }
    add_conversation(tx, *first, people);
  });
  return kPeople.size();
}

}  // namespace stoa::app
