#include <stoa/core/config_check.hpp>
#include <stoa/files/pictures_config.hpp>

namespace stoa::files {

void check(const PicturesConfig& pictures, const Config&) {
  using namespace config;
  check_size("pictures.max_bytes", pictures.max_bytes, 64 * kKiB, 64 * kMiB);
  check_count("pictures.max_pixels", pictures.max_pixels, 1'000'000'000, 10'000);
  check_time("pictures.time_limit", pictures.time_limit, std::chrono::milliseconds(100),
             std::chrono::minutes(10));
  check_count("pictures.threads", pictures.threads, 64);
  check_count("pictures.queue", pictures.queue, 10'000);
}

}  // namespace stoa::files
