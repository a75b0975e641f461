#include "body_rows.hpp"

#include <stoa/http/source.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace stoa {
namespace {

// Byte n is n modulo 251, so that one can tell which part one has.
char number_at(std::uint64_t n) {
  return static_cast<char>(n % 251);
}

class Numbers final : public http::Source {
 public:
  Numbers(std::uint64_t size, bool says_size) : size_(size), says_size_(says_size) { ++alive; }
  ~Numbers() override { --alive; }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  static inline std::atomic<std::int64_t> alive{0};

  std::optional<std::uint64_t> size() const noexcept override {
    return says_size_ ? std::optional(size_) : std::nullopt;
  }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - std::min(offset, size_)));
    piece_.resize(count);
    for (std::size_t i = 0; i < count; ++i) piece_[i] = number_at(offset + i);
    co_return piece_;
  }

 private:
  std::uint64_t size_;
  bool says_size_;
  std::string piece_;
};

http::Download numbers(const SpringQuery& query, bool says_size) {
  http::Download download;
  download.headers.set("content-type", "application/octet-stream");
  download.source =
      std::make_shared<Numbers>(static_cast<std::uint64_t>(query.bytes.value), says_size);
  return download;
}

}  // namespace

http::Routes BodyRows::routes() {
  using enum http::Method;
  using http::endpoint;
  return {
      {post, "/sink", Who::anyone, Limit::none, "Takes bytes", endpoint<&BodyRows::sink>(*this),
       http::RouteKind::open, static_cast<std::uint64_t>(kMostBytes)},
      {post, "/form", Who::anyone, Limit::none, "Takes a form", endpoint<&BodyRows::form>(*this),
       http::RouteKind::open, static_cast<std::uint64_t>(kMostBytes)},
      {get, "/spring", Who::anyone, Limit::none, "Gives bytes", endpoint<&BodyRows::spring>(*this)},
      {get, "/sources", Who::anyone, Limit::none, "How many are read",
       endpoint<&BodyRows::count_sources>(*this)},
      {get, "/river", Who::anyone, Limit::none, "Gives bytes", endpoint<&BodyRows::river>(*this)},
  };
}

Task<Taken> BodyRows::sink(Visitor, http::Bytes body) {
  Taken taken;
  for (;;) {
    const auto piece = co_await body.next();
    if (piece.empty()) co_return taken;
    taken.bytes += static_cast<std::int64_t>(piece.size());
  }
}

Task<TakenForm> BodyRows::form(Visitor, SentForm sent, http::FormFile file) {
  TakenForm taken;
  if (sent.text) taken.text = sent.text->value;
  taken.name = file.name();
  taken.type = file.type();
  for (;;) {
    const auto piece = co_await file.next();
    if (piece.empty()) co_return taken;
    for (const char byte : piece) {
      if (byte != number_at(static_cast<std::uint64_t>(taken.bytes++))) taken.in_order = false;
    }
  }
}

Task<http::Download> BodyRows::spring(Visitor, SpringQuery query) {
  http::Download download = numbers(query, true);
  download.etag = "\"numbers\"";
  co_return download;
}

Task<Taken> BodyRows::count_sources(Visitor) {
  co_return Taken{Numbers::alive};
}

Task<http::Download> BodyRows::river(Visitor, SpringQuery query) {
  co_return numbers(query, false);
}

}  // namespace stoa
