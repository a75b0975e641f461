#include "infra/pictures/webp.hpp"

#include <cstdint>
#include <string>

#include <webp/encode.h>

namespace stoa::pictures {
namespace {

// What libwebp holds for one picture.
struct Encoding {
  Encoding() {
    if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0) {
      throw vips::VError("another libwebp than at build time");
    }
    WebPMemoryWriterInit(&written);
    picture.writer = &WebPMemoryWrite;
    picture.custom_ptr = &written;
  }
  ~Encoding() {
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&written);
  }
  Encoding(const Encoding&) = delete;
  Encoding& operator=(const Encoding&) = delete;

  WebPConfig config{};
  WebPPicture picture{};
  WebPMemoryWriter written{};
};

int may_go_on(int, const WebPPicture* picture) {
  return static_cast<const Deadline*>(picture->user_data)->is_over() ? 0 : 1;
}

}  // namespace

std::string webp_of(const vips::VImage& image, int quality, Deadline& deadline) {
  const bool is_grey = image.bands() < 3;
  const vips::VImage pixels =
      (is_grey ? image.colourspace(VIPS_INTERPRETATION_sRGB) : image).copy_memory();
  Encoding encoding;
  WebPPicture& picture = encoding.picture;
  encoding.config.quality = static_cast<float>(quality);
  picture.width = pixels.width();
  picture.height = pixels.height();
  picture.progress_hook = &may_go_on;
  picture.user_data = &deadline;
  const auto* const bytes = static_cast<const std::uint8_t*>(pixels.data());
  const int line = pixels.width() * pixels.bands();
  const int taken = pixels.bands() == 4 ? WebPPictureImportRGBA(&picture, bytes, line)
                                        : WebPPictureImportRGB(&picture, bytes, line);
  if (taken == 0 || WebPEncode(&encoding.config, &picture) == 0) {
    throw vips::VError("libwebp's error " + std::to_string(picture.error_code));
  }
  return {reinterpret_cast<const char*>(encoding.written.mem), encoding.written.size};
}

}  // namespace stoa::pictures
