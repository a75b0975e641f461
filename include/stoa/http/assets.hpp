#pragma once
// Files that are part of the binary. stoa_embed() in cmake/embed.cmake makes a library of a folder:
//
//   stoa_embed(stoa_web_app ${PROJECT_SOURCE_DIR}/web/app /)      # target, folder, where it is
//   served
//
//   #include <stoa_web_app.hpp>      std::span<const http::Asset> all = stoa_web_app();
#include <string_view>

namespace stoa::http {

struct Asset {
  std::string_view path;  // as requested: "/js/main.js", "/docs/index.html"
  std::string_view content;
  bool shared = false;  // pages of other origins may load it
};

}  // namespace stoa::http
