#pragma once
// What is asked of another service, and what it answered. Values; pure functions.
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::fetch {

enum class Method { get, head, post, put, patch, delete_ };

struct Header {
  std::string name, value;
};

struct Request {
  Method method = Method::get;
  std::string url;  // https, or http where that was configured; never with a user or password in it
  // Those of the connection and the body's length are set by the fetcher, and refused here.
  std::vector<Header> headers = {};
  std::string body = {};
  // Otherwise than [fetch] of the configuration says.
  std::optional<std::chrono::milliseconds> time_limit = {};
  std::optional<std::size_t> max_answer_bytes = {};
  // How many may be followed. Each has to be a host of the purpose, and never leads from https to http; one to another origin
  // takes nothing along that may be a secret, and is not followed where the body would go along. Without any a 3xx is an answer
  // like another.
  int redirects = 0;
  // Whether sending it twice does no more than sending it once, as with a key of idempotency. An old connection may have ended
  // just when a request left by it; only such a request is then sent again by itself. Otherwise: all but POST and PATCH.
  std::optional<bool> repeatable = {};
};

struct Answer {
  int status = 0;
  std::vector<Header> headers =
      {};  // names in lower case, as they came; one may be there several times
  std::string body = {};

  bool ok() const noexcept { return status >= 200 && status < 300; }
  // Not ok, but the same request may get on another time: 408, 425, 429, and 5xx except for 501 and 505.
  bool may_pass() const noexcept;
  // Empty where there is none; the first of several. `name` in lower case.
  std::string_view header(std::string_view name) const noexcept;
  // When to ask again, of 429 and 503, where it is said in seconds; a day at most.
  std::optional<std::chrono::seconds> retry_after() const noexcept;
};

using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;
// A body of type application/x-www-form-urlencoded, or the query of a URL without its question mark.
std::string form_encoded(Pairs pairs);
// The value of an Authorization header (RFC 7617).
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace stoa::fetch
