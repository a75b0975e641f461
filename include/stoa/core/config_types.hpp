#pragma once
// The types of configured values that are more than numbers and strings, and the error of a value that cannot be.
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace stoa {

using Duration = std::chrono::milliseconds;

// As PostgreSQL's make_interval() takes it.
inline double in_seconds(Duration time) noexcept {
  return std::chrono::duration<double>(time).count();
}

struct ByteSize {
  std::size_t bytes = 0;
  operator std::size_t() const noexcept { return bytes; }
};

// Printed as "********"; never logged.
struct Secret {
  std::string value;
};

// One clear line: the file, the key, what is wrong, and the nearest known key where one was unknown.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace config {

using namespace std::chrono_literals;
inline constexpr std::size_t kKiB = 1024, kMiB = kKiB * kKiB;

}  // namespace config
}  // namespace stoa
