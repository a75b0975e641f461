#include "infra/pictures/bounds.hpp"

#include <cstddef>

namespace stoa::pictures {
namespace {

// Markers of JPEG (ITU-T T.81 table B.1).
constexpr unsigned char kFirstWithLength = 0xC0, kFirstRestart = 0xD0, kStart = 0xD8, kEnd = 0xD9,
                        kScan = 0xDA;

}  // namespace

// Entropy coded data has no marker but restarts: a zero follows each FF of its own. What stands between segments is passed over,
// as decoders do, and no length of a marker that may not be there is believed, since they do not either.
int count_scans(std::string_view jpeg) noexcept {
  if (!jpeg.starts_with("\xFF\xD8")) return 0;
  const auto byte = [jpeg](std::size_t at) { return static_cast<unsigned char>(jpeg[at]); };
  int scans = 0;
  std::size_t at = 2;
  while ((at = jpeg.find('\xFF', at)) != std::string_view::npos && at + 1 < jpeg.size()) {
    const unsigned char marker = byte(at + 1);
    if (marker == 0xFF) {  // fills
      ++at;
      continue;
    }
    at += 2;
    if (marker == kEnd) break;
    if (marker < kFirstWithLength || (marker >= kFirstRestart && marker <= kStart)) continue;
    if (marker == kScan) ++scans;
    if (at + 1 < jpeg.size()) at += (std::size_t{byte(at)} << 8) + byte(at + 1);
  }
  return scans;
}

std::uint64_t decoded_bytes(const vips::VImage& head, std::string_view loader) noexcept {
  const auto bytes = static_cast<std::uint64_t>(head.width()) *
                     static_cast<std::uint64_t>(head.height()) *
                     VIPS_IMAGE_SIZEOF_PEL(head.get_image());
  // Coefficients of two bytes, or planes of samples, beside the pixels or in their place.
  const bool twice =
      loader.starts_with("VipsForeignLoadJpeg") || loader.starts_with("VipsForeignLoadHeif");
  return twice ? 2 * bytes : bytes;
}

void Deadline::watch(const vips::VImage& image) {
  vips_image_set_progress(image.get_image(), TRUE);
  g_signal_connect(image.get_image(), "eval", G_CALLBACK(&Deadline::judge), this);
}

bool Deadline::is_over() const noexcept {
  return stopping_ || std::chrono::steady_clock::now() > end_;
}

void Deadline::judge(VipsImage* image, VipsProgress*, const Deadline* deadline) {
  if (deadline->is_over()) vips_image_set_kill(image, TRUE);
}

}  // namespace stoa::pictures
