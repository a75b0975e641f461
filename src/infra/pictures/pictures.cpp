#include "infra/pictures/bounds.hpp"
#include "infra/pictures/libvips.hpp"

#include <stoa/pictures/pictures.hpp>

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
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
      return "too much to decode";
    case Reason::broken:
      return "a broken picture";
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
  const char* const loader = vips_foreign_find_load_buffer(bytes.data(), bytes.size());
  if (!can_read(loader)) throw Refused(Reason::unknown);
  if (count_scans(bytes) > kMostScans) throw Refused(Reason::too_large);
  const VImage head = VImage::new_from_buffer(
      bytes.data(), bytes.size(), "", VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
  const auto width = static_cast<std::uint64_t>(head.width());
  const auto height = static_cast<std::uint64_t>(head.height());
  if (width * height > max_pixels) throw Refused(Reason::too_large);
  if (decoded_bytes(head, loader) > max_pixels * kBytesPerPixel) throw Refused(Reason::too_large);
}

// The middle of what is smaller than the square that was wanted.
VImage cut(VImage image, Size size) {
  if (size.fit == Fit::inside || image.width() == image.height()) return image;
  const int side = std::min(image.width(), image.height());
  return image.extract_area((image.width() - side) / 2, (image.height() - side) / 2, side, side);
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
  return cut(std::move(image), size);
}

// The same of pixels that are there.
VImage shrunk(const VImage& pixels, Size size) {
  auto* const options = VImage::option()->set("height", size.side)->set("size", VIPS_SIZE_DOWN);
  if (size.fit == Fit::square) options->set("crop", VIPS_INTERESTING_CENTRE);
  return cut(pixels.thumbnail_image(size.side, options), size);
}

// Its alpha, where something is to be seen through; otherwise without.
VImage without_useless_alpha(const VImage& image) {
  if (!image.has_alpha()) return image;
  const VImage alpha = image.extract_band(image.bands() - 1);
  return alpha.min() < kOpaque ? image : image.flatten();
}

// A smaller size is made from a larger one, so that a picture is decoded once, where all that it shows is in that.
bool is_within(Size size, Size larger) {
  return size.side <= larger.side && size.fit == larger.fit;
}

Picture written(const VImage& pixels) {
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
  Deadline deadline(options_.time_limit, stopping_);
  try {
    check_header(bytes, options_.max_pixels);
    std::vector<std::size_t> largest_first(sizes.size());
    std::iota(largest_first.begin(), largest_first.end(), 0);
    std::ranges::stable_sort(largest_first, std::greater(), [&](auto i) { return sizes[i].side; });
    std::vector<Picture> pictures(sizes.size());
    std::optional<std::pair<Size, VImage>> last;
    for (const auto i : largest_first) {
      const bool is_there = last && is_within(sizes[i], last->first);
      const VImage image = is_there ? shrunk(last->second, sizes[i]) : shrunk(bytes, sizes[i]);
      deadline.watch(image);
      last.emplace(sizes[i], image.copy_memory());  // all of what came in is decoded here
      if (deadline.is_over()) throw Refused(Reason::too_large);
      pictures[i] = written(last->second);
    }
    return pictures;
  } catch (const vips::VError&) {
    throw Refused(deadline.is_over() ? Reason::too_large : Reason::broken);
  }
}

void Studio::stop() {
  stopping_ = true;
  pool_.stop();
}

}  // namespace stoa::pictures
