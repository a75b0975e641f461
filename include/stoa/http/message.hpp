#pragma once
// A request as handlers and middleware see it, and an answer. Plain values without Beast, so that a
// feature that needs more than a typed endpoint does not compile the HTTP engine. A Request lives on its
// connection's shard until the answer is written.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stoa/core/caller.hpp>

namespace stoa::http {

enum class Method { get, head, post, put, patch, del, options };
std::string_view name(Method method) noexcept;

// Names are lower case. Few enough for a linear search.
class Headers {
 public:
  void set(std::string_view name, std::string value);  // replaces
  void add(std::string_view name, std::string value);
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  auto begin() const noexcept { return list_.begin(); }
  auto end() const noexcept { return list_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct Request {
  Method method = Method::get;
  std::string target;  // as sent: path and query
  std::string path;    // decoded; no empty, "." or ".." segment
  std::vector<std::pair<std::string, std::string>> query;   // decoded, each name once
  std::vector<std::pair<std::string, std::string>> params;  // {id} of the route's path
  Headers headers;
  std::string body;
  bool secure = false;  // over TLS, here or at the trusted proxy
  Client client;
  std::optional<Caller> caller;  // set where a valid token came along
  std::string_view route;        // the matched row's path, for metrics and the log
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // A body that outlives the answer (embedded files), instead of `body`: no copy.
  std::string_view static_body;

  static Response json(int status, std::string body);  // no-store
  static Response text(int status, std::string body);
  static Response empty(int status = 204);
  std::string_view content() const noexcept { return static_body.empty() ? body : static_body; }
};

}  // namespace stoa::http
