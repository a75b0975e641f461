#pragma once
// Links to files that are good for a while, for whoever has no header to send: a picture's address, a download of the browser.
// A link names the file, whose link it is and until when, with an HMAC-SHA-256 of the three; it is not stored. It signs nobody
// in: whether that person may have the file is asked again at each use. One that fetches is none that writes. Immutable, safe on
// any thread.
#include <stoa/core/time.hpp>
#include <stoa/files/file_view.hpp>
#include <stoa/identity/token_options.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::files {

enum class LinkTo { fetch, write };

class FileLinks {
 public:
  // The first key signs, all are taken. Without any, one is made that lives as long as this object.
  explicit FileLinks(std::span<const identity::TokenKey> keys);

  std::string token(LinkTo what, FileId file, UserId user, Timestamp expires) const;
  // Whose it is; empty for what this server has not given, for another file, or for something else. Throws
  // Error{LINK_EXPIRED} of one that was good once.
  std::optional<UserId> read(LinkTo what, FileId file, std::string_view token) const;

 private:
  std::vector<std::string> keys_;
};

}  // namespace stoa::files
