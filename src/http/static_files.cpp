#include "http/static_files.hpp"

#include "http/digest.hpp"
#include "http/gzip.hpp"
#include "http/media_type.hpp"

#include <stdexcept>

namespace stoa::http {

StaticFiles::StaticFiles(const std::vector<std::span<const Asset>>& assets) {
  constexpr std::string_view kIndex = "/index.html", kNothing = "/404.html";
  for (const auto& set : assets) {
    for (const auto& asset : set) {
      File file;
      file.content = asset.content;
      file.type = type_of_file(asset.path);
      file.shared = asset.shared;
      file.etag = strong_etag(asset.content);
      if (is_compressible(file.type)) file.gzip = gzip(asset.content, 9);
      if (file.gzip.size() >= file.content.size()) file.gzip.clear();
      file.gzip_etag = strong_etag(file.gzip);
      if (asset.path == kNothing) {
        nothing_ = std::move(file);
        continue;
      }
      const auto [place, added] = files_.emplace(asset.path, std::move(file));
      if (!added) throw std::logic_error("two assets are " + std::string(asset.path));
      if (asset.path.ends_with(kIndex)) {
        const auto folder = asset.path.substr(0, asset.path.size() - kIndex.size());
        folders_.emplace(folder.empty() ? "/" : folder, &place->second);
      }
    }
  }
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const noexcept {
  if (const auto file = files_.find(path); file != files_.end()) return &file->second;
  const auto folder = folders_.find(std::string(path));
  return folder == folders_.end() ? nullptr : folder->second;
}

Response StaticFiles::serve(const Request& request) const {
  Response response;
  response.headers.reserve(8, 256);
  response.etag = fill(request, *find(request.path), response);
  // The names carry no version, so a browser asks each time and mostly hears 304.
  response.headers.add("cache-control", "no-cache");
  return response;
}

std::optional<Response> StaticFiles::serve_nothing(const Request& request) const {
  if (!nothing_) return std::nullopt;
  Response response;
  response.status = 404;
  response.headers.add("cache-control", "no-store");
  fill(request, *nothing_, response);
  return response;
}

std::string_view StaticFiles::fill(const Request& request, const File& file, Response& response) {
  const auto accepted = request.headers.find("accept-encoding");
  const bool compressed = !file.gzip.empty() && accepted && accepts_gzip(*accepted);
  if (!file.gzip.empty()) response.headers.add("vary", "Accept-Encoding");
  response.headers.add("content-type", file.type);
  if (compressed) response.headers.add("content-encoding", "gzip");
  response.static_body = compressed ? std::string_view(file.gzip) : file.content;
  return compressed ? file.gzip_etag : file.etag;
}

}  // namespace stoa::http
