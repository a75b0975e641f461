#pragma once
// A mark behind the token of a link: an HMAC-SHA-256 of it, cut to 128 bits, that only this server can have made. So a look-up of
// what it has not given is told from one that it has before it costs a query, and is counted for whoever asks.
//
// "token.mark". A token without a mark, or with one of a key that is gone, may still be good. Immutable, safe on any thread.
#include <stoa/identity/token_options.hpp>
#include <stoa/net/rate_key.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::recovery {

struct ShownLink {
  std::string token;  // as codes know it
  bool is_ours = false;

  // Whom limits count: the link itself.
  net::RateKey key() const;
};

class LinkMarks {
 public:
  // The first key marks, all are taken. Without any, one is made that lives as long as this object.
  explicit LinkMarks(std::span<const identity::TokenKey> keys);

  std::string text(std::string_view token) const;
  ShownLink read(std::string_view text) const;

 private:
  std::vector<std::string> keys_;
};

}  // namespace stoa::recovery
