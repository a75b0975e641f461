#include "infra/pictures/libvips.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

#include <vips/vips.h>

namespace stoa::pictures {
namespace {

// Classes of libvips. Everything else that it could read (SVG, PDF, TIFF, what ImageMagick knows) stays shut, whatever the
// machine has installed.
constexpr std::string_view kWanted[] = {"VipsForeignLoadJpeg", "VipsForeignLoadPng",
                                        "VipsForeignLoadWebp", "VipsForeignLoadNsgif",
                                        "VipsForeignLoadHeif"};

void say_nothing(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

}  // namespace

void set_up_libvips() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (VIPS_INIT("stoa") != 0) {
      throw std::runtime_error(std::string("libvips does not start: ") + vips_error_buffer());
    }
    // What is odd about somebody's picture is nothing for the log.
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, &say_nothing, nullptr);
    vips_concurrency_set(1);  // threads are the pool's
    vips_cache_set_max(0);
    vips_cache_set_max_mem(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const auto wanted : kWanted) vips_operation_block_set(wanted.data(), FALSE);
    vips_block_untrusted_set(TRUE);
  });
}

bool can_read(const char* loader) {
  if (loader == nullptr) return false;
  return std::any_of(
      std::begin(kWanted), std::end(kWanted),
      [name = std::string_view(loader)](auto wanted) { return name.starts_with(wanted); });
}

}  // namespace stoa::pictures
