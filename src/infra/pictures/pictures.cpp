#include "infra/pictures/bounds.hpp"
#include "infra/pictures/libvips.hpp"
#include "infra/pictures/webp.hpp"

#include <stoa/pictures/pictures.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include <vips/vips8>

namespace stoa::pictures {
namespace {

using vips::VImage;

constexpr int kQuality = 85;  // of JPEG that is for looking at
constexpr int kWholeQuality =
    89;  // of what is kept instead of what came: libvips halves the colours below 90
constexpr int kMostSide = 10'000'000;
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

enum class Format { jpeg, png, webp, gif, other };

Format format_of(std::string_view loader) {
  if (loader.starts_with("VipsForeignLoadJpeg")) return Format::jpeg;
  if (loader.starts_with("VipsForeignLoadPng")) return Format::png;
  if (loader.starts_with("VipsForeignLoadWebp")) return Format::webp;
  return loader.starts_with("VipsForeignLoadNsgif") ? Format::gif : Format::other;
}

enum class Frames { first, all };

// How a loader is to read; frames of a WebP are all there are in a file, one below the other.
std::string options_of(Format format, Frames frames) {
  const bool all = format == Format::webp && frames == Frames::all;
  return all ? "[n=-1,fail_on=error]" : "[fail_on=error]";
}

// What the header says.
struct Head {
  Format format;
  bool
      has_profile;  // its colours are to be brought into sRGB; where they are, that way would change them a little
};

// Before a pixel is decoded.
Head check_header(std::string_view bytes, std::uint64_t max_pixels, Frames frames) {
  const char* const loader = vips_foreign_find_load_buffer(bytes.data(), bytes.size());
  if (!can_read(loader)) throw Refused(Reason::unknown);
  const Format format = format_of(loader);
  if (count_scans(bytes) > kMostScans) throw Refused(Reason::too_large);
  const VImage head =
      VImage::new_from_buffer(bytes.data(), bytes.size(), options_of(format, frames).c_str(),
                              VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
  const auto width = static_cast<std::uint64_t>(head.width());
  const auto height = static_cast<std::uint64_t>(head.height());
  if (width * height > max_pixels) throw Refused(Reason::too_large);
  if (decoded_bytes(head, loader) > max_pixels * kBytesPerPixel) throw Refused(Reason::too_large);
  return {format, head.get_typeof(VIPS_META_ICC_NAME) != 0 ||
                      head.interpretation() == VIPS_INTERPRETATION_CMYK};
}

// The middle of what is smaller than the square that was wanted.
VImage cut(VImage image, Size size) {
  if (size.fit == Fit::inside || image.width() == image.height()) return image;
  const int side = std::min(image.width(), image.height());
  return image.extract_area((image.width() - side) / 2, (image.height() - side) / 2, side, side);
}

VImage shrunk(std::string_view bytes, Size size, const Head& head, Frames frames) {
  const std::string how = options_of(head.format, frames);
  VipsBlob* const blob = blob_of(bytes);
  auto* const options =
      VImage::option()
          ->set("height", size.side)
          ->set("size", VIPS_SIZE_DOWN)
          // The loader's own options do not reach that of a buffer in 8.14 by their names.
          ->set("option_string", how.c_str());
  if (head.has_profile) options->set("export_profile", "srgb");
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

// Of eight bits; what is grey stays so.
VImage for_screens(const VImage& image) {
  const bool grey = image.bands() < 3;
  return image.colourspace(grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
      .cast(VIPS_FORMAT_UCHAR);
}

// What a camera or an editor has written beside the pixels: that savers leave it away when they are told to is not so for each
// format.
VImage without_words(const VImage& image) {
  VImage bare = image.copy();
  const std::unique_ptr<char*, decltype(&g_strfreev)> fields(
      vips_image_get_fields(image.get_image()), &g_strfreev);
  for (char* const* field = fields.get(); *field != nullptr; ++field) {
    const std::string_view name = *field;
    const bool is_word = name.starts_with("exif-") || name.starts_with("png-comment") ||
                         name == VIPS_META_XMP_NAME || name == VIPS_META_IPTC_NAME ||
                         name == VIPS_META_PHOTOSHOP_NAME || name == VIPS_META_ICC_NAME ||
                         name == VIPS_META_IMAGEDESCRIPTION || name == "jpeg-thumbnail-data" ||
                         name == "gif-comment";
    if (is_word) bare.remove(*field);
  }
  return bare;
}

// Writing is dearer than decoding, so it ends in time as well; an animation between its frames.
Picture written(const VImage& decoded, Format format, int quality, Deadline& deadline) {
  const VImage image = without_words(decoded);
  deadline.watch(image);
  Picture picture;
  picture.width = image.width();
  picture.height = vips_image_get_page_height(image.get_image());
  if (format == Format::webp && picture.height == image.height()) {
    picture.media_type = "image/webp";
    picture.bytes = webp_of(decoded, quality, deadline);
    return picture;
  }
  auto* const options = VImage::option()->set("strip", true);
  if (format == Format::png) {
    picture.media_type = "image/png";
    picture.bytes = text_of(image.pngsave_buffer(options));
  } else if (format == Format::webp) {
    picture.media_type = "image/webp";
    picture.bytes = text_of(image.webpsave_buffer(options->set("Q", quality)));
  } else {
    picture.media_type = "image/jpeg";
    picture.bytes =
        text_of(image.jpegsave_buffer(options->set("Q", quality)->set("optimize_coding", true)));
  }
  return picture;
}

Picture for_looking_at(const VImage& image, Deadline& deadline) {
  auto picture = written(image, image.has_alpha() ? Format::png : Format::jpeg, kQuality, deadline);
  if (deadline.is_over()) throw Refused(Reason::too_large);
  return picture;
}

// The uppermost of what lies one below the other, as if there were no others.
VImage first_of(const VImage& frames, int width, int height) {
  VImage first = frames.extract_area(0, 0, width, height).copy();
  first.remove("page-height");
  first.remove("n-pages");
  return first;
}

Picture whole_of(const VImage& pixels, Format format, Deadline& deadline) {
  if (format == Format::other) {  // browsers may not know it
    format = pixels.has_alpha() ? Format::png : Format::jpeg;
  }
  if (format != Format::gif) return written(pixels, format, kWholeQuality, deadline);
  Picture picture;
  picture.media_type = "image/gif";
  picture.width = pixels.width();
  picture.height = pixels.height();
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

Task<Renewed> Studio::renew(TurnKey who, std::string bytes, std::vector<int> sides) {
  auto work = [this, bytes = std::move(bytes), sides = std::move(sides)] {
    return renew_blocking(bytes, sides);
  };
  co_return co_await pool_.run_for(who, std::move(work));
}

std::vector<Picture> Studio::make_blocking(std::string_view bytes,
                                           const std::vector<Size>& sizes) const {
  const ClearErrors clear;
  Deadline deadline(options_.time_limit, stopping_);
  try {
    const Head head = check_header(bytes, options_.max_pixels, Frames::first);
    std::vector<std::size_t> largest_first(sizes.size());
    std::iota(largest_first.begin(), largest_first.end(), 0);
    std::ranges::stable_sort(largest_first, std::greater(), [&](auto i) { return sizes[i].side; });
    std::vector<Picture> pictures(sizes.size());
    std::optional<std::pair<Size, VImage>> last;
    for (const auto i : largest_first) {
      const bool is_there = last && is_within(sizes[i], last->first);
      const VImage image =
          is_there ? shrunk(last->second, sizes[i]) : shrunk(bytes, sizes[i], head, Frames::first);
      deadline.watch(image);
      last.emplace(sizes[i], image.copy_memory());  // all of what came in is decoded here
      if (deadline.is_over()) throw Refused(Reason::too_large);
      pictures[i] = for_looking_at(without_useless_alpha(for_screens(last->second)), deadline);
    }
    return pictures;
  } catch (const vips::VError&) {
    throw Refused(deadline.is_over() ? Reason::too_large : Reason::broken);
  }
}

Renewed Studio::renew_blocking(std::string_view bytes, const std::vector<int>& sides) const {
  const ClearErrors clear;
  Deadline deadline(options_.time_limit, stopping_);
  try {
    const Head head = check_header(bytes, options_.max_pixels, Frames::all);
    const VImage image = for_screens(shrunk(bytes, {kMostSide, Fit::inside}, head, Frames::all));
    deadline.watch(image);
    const VImage pixels = image.copy_memory();
    if (deadline.is_over()) throw Refused(Reason::too_large);
    Renewed renewed{whole_of(pixels, head.format, deadline), {}};
    if (deadline.is_over()) throw Refused(Reason::too_large);
    const Picture& whole = renewed.whole;
    const VImage first = without_useless_alpha(first_of(pixels, whole.width, whole.height));
    for (const int side : sides) {
      if (side >= std::max(whole.width, whole.height)) continue;
      auto* const options = VImage::option()->set("height", side)->set("size", VIPS_SIZE_DOWN);
      const VImage smaller = first.thumbnail_image(side, options);
      deadline.watch(smaller);
      renewed.smaller.push_back(for_looking_at(smaller.copy_memory(), deadline));
    }
    return renewed;
  } catch (const vips::VError&) {
    throw Refused(deadline.is_over() ? Reason::too_large : Reason::broken);
  }
}

void Studio::stop() {
  stopping_ = true;
  pool_.stop();
}

}  // namespace stoa::pictures
