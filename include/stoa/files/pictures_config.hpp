#pragma once
// [pictures] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

#include <cstddef>

namespace stoa::files {

struct PicturesConfig {
  ByteSize max_bytes{10 * config::kMiB};  // of what comes in
  std::size_t max_pixels = 50'000'000;
  Duration time_limit{std::chrono::seconds(20)};  // of one picture
  std::size_t threads = 1;
  std::size_t queue = 64;
};
BOOST_DESCRIBE_STRUCT(PicturesConfig, (), (max_bytes, max_pixels, time_limit, threads, queue))

// Throws ConfigError.
void check(const PicturesConfig& pictures, const Config& all);

}  // namespace stoa::files
