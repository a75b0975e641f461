#pragma once
// The embedded files, ready to be sent: types, entity tags and gzip forms are made once, at the start.
// Immutable after, so every shard reads the same one.
#include <stoa/http/assets.hpp>
#include <stoa/http/message.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stoa::http {

class StaticFiles {
 public:
  // Throws std::logic_error when two assets have one path.
  explicit StaticFiles(const std::vector<std::span<const Asset>>& assets);

  bool has(std::string_view path) const noexcept { return find(path) != nullptr; }
  bool is_shared(std::string_view path) const noexcept {
    const File* file = find(path);
    return file != nullptr && file->shared;
  }
  // `path` as Request::path; a folder is its index.html.
  Response serve(const Request& request) const;
  // What a person sees where there is nothing, with 404: the asset /404.html, which has no address of its own. Empty where
  // there is none.
  std::optional<Response> serve_nothing(const Request& request) const;

 private:
  struct File {
    std::string_view content;
    std::string_view type;
    bool shared = false;
    std::string gzip;  // empty where it would not be smaller
    std::string etag, gzip_etag;
  };
  const File* find(std::string_view path) const noexcept;
  // Its content and what describes that, as the client takes it; answers the tag.
  static std::string_view fill(const Request& request, const File& file, Response& response);

  std::unordered_map<std::string_view, File> files_;
  std::unordered_map<std::string, const File*> folders_;
  std::optional<File> nothing_;
};

}  // namespace stoa::http
