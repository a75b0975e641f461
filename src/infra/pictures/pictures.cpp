#include "infra/pictures/libvips.hpp"

#include <stoa/pictures/pictures.hpp>

#include <algorithm>
#include <utility>

#include <vips/vips8>

namespace stoa::pictures {
namespace {

using vips::VImage;

constexpr int kQuality = 85;  // of JPEG
constexpr double kOpaque = 255.0;

const char* text_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::unknown:
      return "no picture of a known format";
    case Reason::too_large:
      return "too many pixels";
    case Reason::broken:
      return "a broken picture";
      return "a picture that takes too long";
  }
  return "";
}

// libvips keeps what went wrong on the thread; what a picture says of itself is of no use in a log.
struct ClearErrors {
  ~ClearErrors() {
    vips_error_clear();
    vips_thread_shutdown();  // what libvips keeps for the thread
  }
};

VipsBlob* blob_of(std::string_view bytes) {
  return vips_blob_new(nullptr, bytes.data(), bytes.size());
}

std::string text_of(VipsBlob* blob) {
  std::size_t size = 0;
  const void* const data = vips_blob_get(blob, &size);
  std::string text(static_cast<const char*>(data), size);
  vips_area_unref(VIPS_AREA(blob));
  return text;
}

// What the header says, before a pixel is decoded.
void check_header(std::string_view bytes, std::uint64_t max_pixels) {
  if (!can_read(vips_foreign_find_load_buffer(bytes.data(), bytes.size()))) {
    throw Refused(Reason::unknown);
  }
  const VImage head = VImage::new_from_buffer(
      bytes.data(), bytes.size(), "", VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
  const auto width = static_cast<std::uint64_t>(head.width());
  const auto height = static_cast<std::uint64_t>(head.height());
  if (width * height > max_pixels) throw Refused(Reason::too_large);
}

VImage shrunk(std::string_view bytes, Size size) {
  VipsBlob* const blob = blob_of(bytes);
  auto* const options =
      VImage::option()
          ->set("height", size.side)
          ->set("size", VIPS_SIZE_DOWN)
          ->set("export_profile", "srgb")
          // The option of that name does not reach the loader of a buffer in 8.14.
          ->set("option_string", "[fail_on=error]");
  if (size.fit == Fit::square) options->set("crop", VIPS_INTERESTING_CENTRE);
  VImage image = VImage::thumbnail_buffer(blob, size.side, options);
  vips_area_unref(VIPS_AREA(blob));
  if (size.fit == Fit::square && image.width() != image.height()) {
    // Smaller than the square that was wanted.
    const int side = std::min(image.width(), image.height());
    image = image.extract_area((image.width() - side) / 2, (image.height() - side) / 2, side, side);
  }
  return image;
}

// Its alpha, where something is to be seen through; otherwise without.
VImage without_useless_alpha(const VImage& image) {
  if (!image.has_alpha()) return image;
  const VImage alpha = image.extract_band(image.bands() - 1);
  return alpha.min() < kOpaque ? image : image.flatten();
}

Picture made(std::string_view bytes, Size size) {
  const VImage pixels = shrunk(bytes, size).copy_memory();  // all of what came in is decoded here

  const VImage image =
      without_useless_alpha(pixels.colourspace(VIPS_INTERPRETATION_sRGB).cast(VIPS_FORMAT_UCHAR));
  Picture picture;
  picture.width = image.width();
  picture.height = image.height();
  if (image.has_alpha()) {
    picture.media_type = "image/png";
    picture.bytes = text_of(image.pngsave_buffer(VImage::option()->set("strip", true)));
  } else {
    picture.media_type = "image/jpeg";
    picture.bytes = text_of(image.jpegsave_buffer(
        VImage::option()->set("strip", true)->set("Q", kQuality)->set("optimize_coding", true)));
  }
  return picture;
}

}  // namespace

Refused::Refused(Reason reason) : std::runtime_error(text_of(reason)), reason_(reason) {}

Studio::Studio(const Options& options) : options_(options), pool_(options.threads, options.queue) {
  set_up_libvips();
}

Task<std::vector<Picture>> Studio::make(TurnKey who, std::string bytes, std::vector<Size> sizes) {
  auto work = [this, bytes = std::move(bytes), sizes = std::move(sizes)] {
    return make_blocking(bytes, sizes);
  };
  co_return co_await pool_.run_for(who, std::move(work));
}

std::vector<Picture> Studio::make_blocking(std::string_view bytes,
                                           const std::vector<Size>& sizes) const {
  const ClearErrors clear;
  try {
    check_header(bytes, options_.max_pixels);
    std::vector<Picture> pictures;
    pictures.reserve(sizes.size());
    for (const Size size : sizes) pictures.push_back(made(bytes, size));
    return pictures;
  } catch (const vips::VError&) {
    throw Refused(Reason::broken);
  }
}

}  // namespace stoa::pictures
