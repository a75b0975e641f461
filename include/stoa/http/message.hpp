#pragma once
// A request as handlers and middleware see it, and an answer. Plain values without Beast, so that a
// feature that needs more than a typed endpoint does not compile the HTTP engine. A Request lives
// on its connection's shard until the answer is written.
#include <stoa/core/caller.hpp>
#include <stoa/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

class BodyStream;
class FormReader;
class Source;

enum class Method { get, head, post, put, patch, del, options };
inline constexpr std::size_t kMethods = 7;
std::string_view name(Method method) noexcept;  // "GET"
std::optional<Method> method_from(std::string_view name) noexcept;

// Header fields in order, names in lower case, kept in one piece of memory. Few enough for a linear
// search. What is found points into this object: valid until it changes or moves.
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;

  void set(std::string_view name, std::string_view value);  // replaces
  void add(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  // The first of that name; `name` in lower case.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::size_t size() const noexcept { return spans_.size(); }
  Field operator[](std::size_t index) const noexcept;
  void reserve(std::size_t fields, std::size_t bytes);
  void clear() noexcept;

 private:
  struct Span {
    std::uint32_t name, name_size, value, value_size;
  };
  Span append(std::string_view name, std::string_view value);

  std::string text_;
  std::vector<Span> spans_;
};

// Tells a handler that waits for long that its client has gone.
class DisconnectSignal {
 public:
  virtual ~DisconnectSignal() = default;
  // `then` runs on the connection's shard, once, and not after the answer. A TLS client that goes is
  // noticed when its TCP connection ends.
  virtual void watch(std::function<void()> then) = 0;
};

struct Request {
  Method method = Method::get;
  std::string target;  // path and query; an alias is resolved
  std::string path;    // decoded; no empty, "." or ".." segment
  std::string query;   // as sent; judged by whoever reads it
  std::vector<std::pair<std::string_view, std::string>> params;  // {id} of the route's path
  Headers headers;
  std::string body;              // of rows that take it whole
  BodyStream* stream = nullptr;  // of rows that take it piece by piece
  FormReader* form = nullptr;    // of rows that take a form; its fields have been read
  bool secure = false;           // over TLS, here or at the trusted proxy
  Client client;
  std::optional<Caller> caller;            // of rows that ask, where a valid token came along
  std::shared_ptr<RequestKey> key;         // of rows whose handler takes a Creator
  std::string_view route;                  // the matched row's path, for metrics and the log
  DisconnectSignal* disconnect = nullptr;  // of the connection; null where there is none
  bool begun = false;                      // what came could be read, and the handler has begun
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // A body that outlives the answer (embedded files), instead of `body`: no copy.
  std::string_view static_body;
  std::shared_ptr<Source> source;  // or where it is read from; then both are empty
  // Of a source: from where on, and how much of it. No count: to its end.
  std::uint64_t first = 0;
  std::optional<std::uint64_t> count;
  // What conditions and ranges go by, where they are set; the server writes the fields.
  std::string etag;  // with its quotes
  std::optional<Timestamp> last_modified;

  static Response json(int status, std::string body);  // no-store
  static Response text(int status, std::string body);
  static Response empty(int status = 204);
  // Of an answer without a source.
  std::string_view content() const noexcept { return static_body.empty() ? body : static_body; }
  // Bytes that it will have. Empty: a source that cannot tell.
  std::optional<std::uint64_t> size() const noexcept;
};

}  // namespace stoa::http
