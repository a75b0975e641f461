#pragma once
// A statement as a value: its SQL, its parameters and the type of its answer, which says how many rows are
// expected:
//
//   std::optional<T>   none or one              std::vector<T>   any number
//   T                  one; else Error{not_found}    pg::Count   how many rows it changed
//
//   pg::Query<std::optional<RoomView>> find_room(RoomId id) {
//     return pg::query<std::optional<RoomView>>("select id, name from study_rooms where id = $1", id);
//   }
//   auto room = co_await db.run(find_room(id));   // by itself, over the shard's pipeline
//   auto room = tx.run(find_room(id));            // in a transaction, on a database thread
//
// What several statements have in common is joined by the compiler:
//
//   constexpr char kColumns[] = "id, name";
//   constexpr auto kFindRoom = pg::sql("select ", kColumns, " from study_rooms where id = $1");
#include <stoa/core/fair_queue.hpp>
#include <stoa/postgres/rows.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace stoa::pg {

template <std::size_t Size>
struct SqlText {
  char text[Size]{};
};

template <std::size_t... Size>
consteval auto sql(const char (&... pieces)[Size]) {
  SqlText<(1 + ... + (Size - 1))> joined;
  std::size_t end = 0;
  const auto append = [&](const char* piece, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) joined.text[end++] = piece[i];
  };
  (append(pieces, Size - 1), ...);
  return joined;
}

// SQL that is never freed, ended by a NUL: a literal or a constant. The compiler sees to it.
class Sql {
 public:
  template <std::size_t Size>
  consteval Sql(const char (&literal)[Size]) : text_(literal), size_(Size - 1) {}
  template <std::size_t Size>
  consteval Sql(const SqlText<Size>& joined) : text_(joined.text), size_(Size - 1) {}
  // For what is put together while the program runs, once: a static variable.
  static Sql of_static(const std::string& text) { return {text.c_str(), text.size()}; }

  const char* c_str() const noexcept { return text_; }
  operator std::string_view() const noexcept { return {text_, size_}; }

 private:
  Sql(const char* text, std::size_t size) : text_(text), size_(size) {}
  const char* text_;
  std::size_t size_;
};

namespace detail {

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsBinaryArray = false;
template <class T>
inline constexpr bool kIsBinaryArray<std::vector<T>> = kElementOid<T> != 0;

// About as many bytes as a value has as text, for a buffer that need not grow.
template <class T>
std::size_t text_size(const T& value) {
  constexpr std::size_t kShort = 40;  // of a number, a time, a UUID
  constexpr std::size_t kLength = 4;  // of what stands before an element of a binary list
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string_view(value).size() + kLength;
  } else if constexpr (requires { value.has_value(); }) {
    return value ? text_size(*value) : kLength;
  } else if constexpr (requires { value.value.has_value(); }) {
    return text_size(value.value);
  } else if constexpr (kIsBinaryArray<T>) {
    std::size_t size = kShort;
    if constexpr (kElementOid<typename T::value_type> == kElementOid<Uuid>) {
      size += value.size() * (kLength + sizeof(Uuid));
    } else {
      for (const auto& element : value) size += text_size(element);
    }
    return size;
  } else if constexpr (kIsVector<T>) {
    return kShort + value.size() * kShort;
  } else {
    return kShort;
  }
}

}  // namespace detail

// The values of $1, $2, ... in PostgreSQL's text format, most lists in the binary one.
class Params {
 public:
  static constexpr std::size_t kMost = 24;

  template <class... Args>
  explicit Params(const Args&... args) {
    static_assert(sizeof...(Args) <= kMost);
    text_.reserve((std::size_t{0} + ... + detail::text_size(args)));
    (add(args), ...);
  }

  // Throws std::logic_error for one too many.
  template <class T>
  void append(const T& value) {
    if (size_ == kMost) too_many();
    add(value);
  }

  std::size_t size() const noexcept { return size_; }
  bool is_null(std::size_t index) const noexcept { return values_[index].kind == Kind::null; }
  bool is_binary(std::size_t index) const noexcept { return values_[index].kind == Kind::binary; }
  std::string_view at(std::size_t index) const noexcept {
    return {text_.data() + values_[index].start, values_[index].size};
  }
  // Text is ended by a NUL; nullptr for NULL.
  const char* c_str(std::size_t index) const noexcept {
    return is_null(index) ? nullptr : text_.data() + values_[index].start;
  }

 private:
  enum class Kind : std::uint8_t { null, text, binary };
  struct Value {
    std::uint32_t start;
    std::uint32_t size;
    Kind kind;
  };

  template <class T>
  void add(const T& value) {
    if constexpr (std::is_same_v<T, std::nullopt_t>) {
      add_null();
    } else if constexpr (requires { value.has_value(); }) {
      value ? add(*value) : add_null();
    } else if constexpr (requires { value.value.has_value(); }) {  // Patch, Omittable
      add(value.value);
    } else if constexpr (detail::kIsBinaryArray<T>) {
      const std::size_t start = text_.size();
      append_binary_array(text_, value);
      add_value(start, Kind::binary);
    } else {
      const std::size_t start = text_.size();
      PgText<std::remove_cvref_t<T>>::write(text_, value);
      end_value(start);
    }
  }
  void add_null() { values_[size_++] = {0, 0, Kind::null}; }
  void add_value(std::size_t start, Kind kind) {
    values_[size_++] = {static_cast<std::uint32_t>(start),
                        static_cast<std::uint32_t>(text_.size() - start), kind};
  }
  [[noreturn]] static void too_many();
  // Throws QueryFailure for a value with a NUL byte, which the text protocol would end there.
  void end_value(std::size_t start);

  std::string text_;
  std::array<Value, kMost> values_{};
  std::size_t size_ = 0;
};

struct Statement {
  Sql sql;
  Params params;
  bool writes = false;  // is not repeated when its answer is lost
  // Both go to the database threads, so that nothing quick waits behind them.
  bool is_slow = false;  // reads much: to few of them
  bool locks = false;    // may wait for a row that a transaction holds
  TurnKey who = {};      // for whom it is slow
};

template <class Answer>
class [[nodiscard]] Query : public Statement {
 public:
  explicit Query(Statement statement) : Statement(std::move(statement)) {}

  // What reads much: a search over everybody's rows, an export, totals. Those for whom it is take turns. It is planned each
  // time for the values that it has: what is right for a rare word is wrong for a common one.
  Query slow(const TurnKey& whom = {}) && {
    is_slow = true;
    this->who = whom;
    return std::move(*this);
  }
  // What may wait for a row that a transaction holds.
  Query locking() && {
    locks = true;
    return std::move(*this);
  }
  // For a `select` that changes something. What does not begin with `select` counts as writing anyway.
  Query writing() && {
    writes = true;
    return std::move(*this);
  }
};

// True when nothing is changed by running it twice, as far as its first word tells.
bool only_reads(std::string_view sql) noexcept;

template <class Answer, class... Args>
Query<Answer> query(Sql sql, const Args&... args) {
  const bool writes = std::is_same_v<Answer, Count> || !only_reads(sql);
  return Query<Answer>({sql, Params(args...), writes});
}

}  // namespace stoa::pg
