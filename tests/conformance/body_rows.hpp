#pragma once
// Rows that take and give as many bytes as one likes, to see what that costs the server.
#include <stoa/core/values.hpp>
#include <stoa/http/route.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

namespace stoa {

inline constexpr std::int64_t kMostBytes = 1LL << 40;

struct SpringQuery {
  Bounded<std::int64_t, 0, kMostBytes> bytes;
  BOOST_DESCRIBE_CLASS(SpringQuery, (), (bytes), (), ())
};
struct Taken {
  std::int64_t bytes = 0;
  BOOST_DESCRIBE_CLASS(Taken, (), (bytes), (), ())
};
struct SentForm {
  std::optional<Text<0, 100>> text;
  BOOST_DESCRIBE_CLASS(SentForm, (), (text), (), ())
};
struct TakenForm {
  std::string text, name, type;
  std::int64_t bytes = 0;
  bool in_order = true;  // byte n of the file was n modulo 251
  BOOST_DESCRIBE_CLASS(TakenForm, (), (text, name, type, bytes, in_order), (), ())
};

class BodyRows {
 public:
  http::Routes routes();
  Task<Taken> sink(Visitor visitor, http::Bytes body);
  Task<TakenForm> form(Visitor visitor, SentForm sent, http::FormFile file);
  Task<http::Download> spring(Visitor visitor,
                              SpringQuery query);  // with its size, so also in ranges
  Task<Taken> count_sources(Visitor visitor);      // that somebody is reading
  Task<http::Download> river(Visitor visitor, SpringQuery query);  // without
};

}  // namespace stoa
