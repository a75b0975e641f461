#pragma once
// What a picture may cost, beyond what its number of pixels says: how often a decoder goes over them, how many bytes they are, and
// for how long.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <vips/vips8>

namespace stoa::pictures {

// A progressive JPEG has some ten scans (ITU-T T.81 section G.1), each of which costs a pass over all pixels and may be a few
// bytes.
inline constexpr int kMostScans = 100;
// Scans of a JPEG up to its end, counted as a decoder meets them; 0 of anything else.
int count_scans(std::string_view jpeg) noexcept;

// What a decoder may hold of the picture at once, in bytes; `loader` is the class of libvips that read its header.
std::uint64_t decoded_bytes(const vips::VImage& head, std::string_view loader) noexcept;
// For each pixel that may come in.
inline constexpr std::uint64_t kBytesPerPixel = 6;

// Ends libvips' work on a picture when it is late, or when nobody waits for it any more. On the stack of that work.
class Deadline {
 public:
  Deadline(std::chrono::nanoseconds limit, const std::atomic<bool>& stopping)
      : end_(std::chrono::steady_clock::now() + limit), stopping_(stopping) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // From now on the pixels of that image are made within the time or not at all; outlives the image's last use.
  void watch(const vips::VImage& image);
  bool is_over() const noexcept;

 private:
  static void judge(VipsImage* image, VipsProgress* progress, const Deadline* deadline);

  const std::chrono::steady_clock::time_point end_;
  const std::atomic<bool>& stopping_;
};

}  // namespace stoa::pictures
