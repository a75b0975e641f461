#pragma once
// A still picture as WebP, by libwebp itself: libvips hands it all pixels at once, and does not end it when it is late.
#include "infra/pictures/bounds.hpp"

#include <string>

#include <vips/vips8>

namespace stoa::pictures {

// Of eight bits, grey or sRGB. Throws vips::VError, also where it was late.
std::string webp_of(const vips::VImage& image, int quality, Deadline& deadline);

}  // namespace stoa::pictures
