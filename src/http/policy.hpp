#pragma once
// The security headers of every answer, as Helmet sets them, written once as ready-made lines. Immutable.
#include <string>

namespace stoa::http {

class Policy {
 public:
  explicit Policy(bool hsts);
  // For the API: nothing may be loaded, framed or run from such an answer.
  const std::string& api() const noexcept { return api_; }
  // For the pages that Stoa ships: their own files, and sockets.
  const std::string& pages() const noexcept { return pages_; }
  // For what pages of other origins load from here.
  const std::string& shared() const noexcept { return shared_; }

 private:
  std::string api_, pages_, shared_;
};

}  // namespace stoa::http
