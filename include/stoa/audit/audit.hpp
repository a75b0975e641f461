#pragma once
// Who did what to what: a row for each act that somebody may have to answer for, written in the transaction of the act, so
// that both are there or neither.
//
//   inline constexpr audit::Action kKick{"rooms.kick"};   // a constant of the feature, whose name it begins with
//
//   audit::write(tx, caller, kKick, {{"user", path.user_id}, {{"room", room.id}}}, Standing{role}, audit::kNothing);
//
// `before` and `after` say in small described structs what the act changed. Where both are the same nothing was done, and
// nothing is written: so an act that is asked for again leaves one row. What is secret does not compile: see names_secret().
// Content that people wrote does not belong here either, since it would outlive its deletion.
//
// Which acts have a row, and which have a line in the log instead: docs/adr/0017-audit-and-who-may.md.
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace stoa::audit {

// Known by its name, which stands in the rows: "<feature>.<verb>", at most 64 characters.
struct Action {
  std::string_view name;
};

// Something that has an id: "user", "room", "message".
struct Thing {
  template <class Tag>
  Thing(std::string_view kind_, Id<Tag> id_) : kind(kind_), id(id_.uuid) {}

  std::string_view kind;  // a constant of at most 32 characters
  Uuid id;
};

struct Target {
  Thing thing;
  std::optional<Thing> within = std::nullopt;  // where it was
};

class Actor {
 public:
  Actor(const Caller& caller);  // whoever a service acts for
  // Who has shown who he is otherwise than by a sign-in.
  Actor(UserId who, const Client& client);
  // Who has the command line, and so the database.
  static Actor the_operator();

  std::optional<UserId> user;
  std::optional<AuthSessionId> session;
  std::string address;
  std::string request_id;

 private:
  Actor() = default;
};

// The state of what was not there before, or is not after; or of an act that is all in its name.
struct Nothing {};
inline constexpr Nothing kNothing;

// A state of more bytes as JSON is left out, and its length written in its place: the row must not fail the act.
inline constexpr std::size_t kMostBytes = 8 * 1024;

namespace detail {

constexpr bool names_secret(std::string_view member) {
  for (const std::string_view word : {"password", "secret", "token", "hash", "code", "otp"}) {
    if (member.find(word) != std::string_view::npos) return true;
  }
  return false;
}

template <class T>
inline constexpr bool kIsVerbatim = false;
template <std::size_t Min, std::size_t Max>
inline constexpr bool kIsVerbatim<Verbatim<Min, Max>> = true;

// Whether a value of that type may hold what nobody may read: by the names of its members, and by the types of what is
// kept as it came.
template <class T>
consteval bool may_hold_secret() {
  if constexpr (std::is_same_v<T, Json> || kIsVerbatim<T>) {
    return true;
  } else if constexpr (Described<T>) {
    bool found = false;
    boost::mp11::mp_for_each<MembersOf<T>>([&found](auto member) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
      if (names_secret(member.name) || may_hold_secret<Member>()) found = true;
    });
    return found;
  } else if constexpr (requires { typename T::value_type; }) {
    if constexpr (std::is_same_v<T, std::string>) {
      return false;
    } else {
      return may_hold_secret<typename T::value_type>();
    }
  } else {
    return false;
  }
}

template <class State>
std::optional<std::string> json_of(const State& state) {
  if constexpr (std::is_same_v<State, Nothing>) {
    return std::nullopt;
  } else {
    static_assert(Described<State>, "a state is a described struct");
    static_assert(!may_hold_secret<State>(), "a secret does not belong into the audit log");
    return stoa::write(state);
  }
}

void insert(pg::Tx& tx, const Actor& actor, const Action& action, const Target& target,
            std::optional<std::string> before, std::optional<std::string> after);

}  // namespace detail

template <class Before, class After>
void write(pg::Tx& tx, const Actor& actor, const Action& action, const Target& target,
           const Before& before, const After& after) {
  detail::insert(tx, actor, action, target, detail::json_of(before), detail::json_of(after));
}

}  // namespace stoa::audit
