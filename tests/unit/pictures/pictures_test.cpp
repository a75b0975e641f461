// Pictures: what comes out of what comes in, and what is refused.
#include <stoa/core/base64.hpp>
#include <stoa/pictures/pictures.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <vips/vips8>

namespace stoa::pictures {
namespace {

using vips::VImage;

std::string text_of(VipsBlob* blob) {
  std::size_t size = 0;
  const void* const data = vips_blob_get(blob, &size);
  std::string text(static_cast<const char*>(data), size);
  vips_area_unref(VIPS_AREA(blob));
  return text;
}

// Red in its left half, blue in its right.
VImage two_halves(int width, int height) {
  const VImage red = VImage::black(width / 2, height).new_from_image({220.0, 10.0, 10.0});
  const VImage blue = VImage::black(width - width / 2, height).new_from_image({10.0, 10.0, 220.0});
  return red.join(blue, VIPS_DIRECTION_HORIZONTAL)
      .cast(VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
}

std::string jpeg_of(const VImage& image) {
  return text_of(image.jpegsave_buffer());
}
std::string png_of(const VImage& image) {
  return text_of(image.pngsave_buffer());
}

VImage read(const Picture& picture) {
  return VImage::new_from_buffer(picture.bytes.data(), picture.bytes.size(), "").copy_memory();
}

bool is_red(const VImage& image, int x, int y) {
  const auto pixel = image.getpoint(x, y);
  return pixel[0] > 150 && pixel[2] < 100;
}

// As telephones have them: two_halves(128, 64), which `irot` turns by a quarter clockwise. libheif wrote them by its
// heif_encoding_options::image_orientation, since not every machine can write what all can read.
constexpr std::string_view kTurnedHeic =
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFwAAEAAAAAAAAALAAAACNpaW5mAAAAAAABAAAA"
    "FWluZmUCAAAAAAEAAGh2YzEAAAAAzGlwcnAAAACtaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEA"
    "GEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoBAgQWW6kkprm4EBAwIAAAMAAgAA"
    "AwACECIAAQAHRAHBcrAiQAAAAAlpcm90AwAAABRpc3BlAAAAAAAAAEAAAACAAAAAEHBpeGkAAAAAAwgICAAAABdpcG1h"
    "AAAAAAAAAAEAAQSBAgOEAAAANG1kYXQAAAAoKAGvWPkOkl//9Cef/3KmQ+hzoxsZfp//dz1X8dbT/tcilJJ/81dFwA==";
constexpr std::string_view kTurnedAvif =
    "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAPRtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAEYAAEAAAAAAAAAMgAAACNpaW5mAAAAAAABAAAA"
    "FWluZmUCAAAAAAEAAGF2MDEAAAAAdGlwcnAAAABUaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYxQ4EADAAAAAAJ"
    "aXJvdAMAAAAUaXNwZQAAAAAAAABAAAAAgAAAABBwaXhpAAAAAAMICAgAAAAYaXBtYQAAAAAAAAABAAEFgYIDBIUAAAA6"
    "bWRhdBIACgkYGX/+wQICBoQyIxTACCCCAgC023rYchrEj4P99EodQjfaBXbWBlLyo9QB0VXA";

// Of a chunk of PNG (its annex D).
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string big_endian(std::uint32_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift & 0xFF);
  }
  return out;
}

class PicturesTest : public testing::Test {
 protected:
  Picture one(std::string_view bytes, Size size) {
    auto made = studio.make_blocking(bytes, {size});
    EXPECT_EQ(made.size(), 1U);
    return std::move(made.front());
  }
  Reason refusal(std::string_view bytes) { return refusal_by(studio, bytes); }
  static Reason refusal_by(const Studio& by, std::string_view bytes) {
    try {
      by.make_blocking(bytes, {{64, Fit::inside}});
    } catch (const Refused& refused) {
      return refused.reason();
    }
    throw std::logic_error("it was taken");
  }

  Studio studio{Options{}};
};

TEST_F(PicturesTest, ShrinksInProportion) {
  const Picture picture = one(jpeg_of(two_halves(800, 400)), {200, Fit::inside});
  EXPECT_EQ(picture.media_type, "image/jpeg");
  EXPECT_EQ(picture.width, 200);
  EXPECT_EQ(picture.height, 100);
  EXPECT_EQ(read(picture).width(), 200);
  EXPECT_TRUE(is_red(read(picture), 10, 50));
  EXPECT_FALSE(is_red(read(picture), 190, 50));
}

TEST_F(PicturesTest, MakesEachSize) {
  const auto made =
      studio.make_blocking(jpeg_of(two_halves(800, 400)), {{200, Fit::inside}, {64, Fit::square}});
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].width, 200);
  EXPECT_EQ(made[1].width, 64);
  EXPECT_EQ(made[1].height, 64);
}

TEST_F(PicturesTest, CutsASquareFromTheMiddle) {
  const Picture picture = one(jpeg_of(two_halves(800, 400)), {100, Fit::square});
  EXPECT_EQ(picture.width, 100);
  EXPECT_EQ(picture.height, 100);
  EXPECT_TRUE(is_red(read(picture), 5, 50));
  EXPECT_FALSE(is_red(read(picture), 95, 50));
}

TEST_F(PicturesTest, EnlargesNothing) {
  const Picture inside = one(jpeg_of(two_halves(40, 30)), {200, Fit::inside});
  EXPECT_EQ(inside.width, 40);
  const Picture square = one(jpeg_of(two_halves(40, 30)), {200, Fit::square});
  EXPECT_EQ(square.width, 30);
  EXPECT_EQ(square.height, 30);
}

TEST_F(PicturesTest, TurnsWhatACameraHeldSideways) {
  VImage image = two_halves(400, 200).copy();
  image.set("orientation", 6);  // a quarter clockwise: left becomes top
  const Picture picture = one(jpeg_of(image), {400, Fit::inside});
  EXPECT_EQ(picture.width, 200);
  EXPECT_EQ(picture.height, 400);
  EXPECT_TRUE(is_red(read(picture), 100, 20));
  EXPECT_FALSE(is_red(read(picture), 100, 380));
}

TEST_F(PicturesTest, ReadsAndTurnsWhatTelephonesMake) {
  for (const auto encoded : {kTurnedHeic, kTurnedAvif}) {
    const Picture picture = one(base64_decode(encoded).value(), {400, Fit::inside});
    EXPECT_EQ(picture.media_type, "image/jpeg");
    EXPECT_EQ(picture.width, 64);
    EXPECT_EQ(picture.height, 128);
    const VImage seen = read(picture);
    EXPECT_TRUE(is_red(seen, 32, 10));
    EXPECT_FALSE(is_red(seen, 32, 118));
  }
}

TEST_F(PicturesTest, KeepsNothingThatIsNoPixel) {
  VImage image = two_halves(100, 100).copy();
  const std::string xmp = "<x:xmpmeta>GPSLatitude 52.5</x:xmpmeta>";
  image.set("xmp-data", nullptr, const_cast<char*>(xmp.data()), xmp.size());
  image.set("exif-ifd0-Artist", "Somebody");
  const std::string bytes = jpeg_of(image);
  ASSERT_NE(bytes.find("GPSLatitude"), std::string::npos);
  ASSERT_NE(bytes.find("Somebody"), std::string::npos);
  const Picture picture = one(bytes, {100, Fit::inside});
  for (const char* trace :
       {"GPSLatitude", "Somebody", "Exif", "ICC_PROFILE", "http://ns.adobe.com"}) {
    EXPECT_EQ(picture.bytes.find(trace), std::string::npos) << trace;
  }
}

TEST_F(PicturesTest, KeepsWhatIsSeenThrough) {
  const VImage alpha = VImage::black(100, 100).cast(VIPS_FORMAT_UCHAR);
  const Picture picture = one(png_of(two_halves(100, 100).bandjoin(alpha)), {50, Fit::inside});
  EXPECT_EQ(picture.media_type, "image/png");
  EXPECT_TRUE(read(picture).has_alpha());
}

TEST_F(PicturesTest, DropsAnAlphaThatHidesNothing) {
  const VImage alpha = VImage::black(100, 100).new_from_image(255.0).cast(VIPS_FORMAT_UCHAR);
  const Picture picture = one(png_of(two_halves(100, 100).bandjoin(alpha)), {50, Fit::inside});
  EXPECT_EQ(picture.media_type, "image/jpeg");
}

TEST_F(PicturesTest, ReadsEachFormatOfTheWeb) {
  const VImage image = two_halves(64, 64);
  EXPECT_EQ(one(png_of(image), {32, Fit::inside}).width, 32);
  EXPECT_EQ(one(text_of(image.webpsave_buffer()), {32, Fit::inside}).width, 32);
  EXPECT_EQ(one(text_of(image.gifsave_buffer()), {32, Fit::inside}).width, 32);
}

TEST_F(PicturesTest, MakesSrgbOfWhatIsForPrinting) {
  const VImage cmyk =
      two_halves(64, 64).icc_export(VImage::option()->set("output_profile", "cmyk"));
  const Picture picture = one(jpeg_of(cmyk), {32, Fit::inside});
  EXPECT_EQ(read(picture).bands(), 3);
  EXPECT_TRUE(is_red(read(picture), 4, 16));
}

TEST_F(PicturesTest, KnowsAPictureByItsBytesAlone) {
  EXPECT_EQ(refusal(""), Reason::unknown);
  EXPECT_EQ(refusal("%PDF-1.7\n%%EOF"), Reason::unknown);
  EXPECT_EQ(refusal(R"(<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>)"),
            Reason::unknown);
  EXPECT_EQ(refusal(text_of(two_halves(9, 9).tiffsave_buffer())), Reason::unknown);
}

TEST_F(PicturesTest, RefusesHalfAPicture) {
  const std::string jpeg = jpeg_of(VImage::gaussnoise(400, 400).cast(VIPS_FORMAT_UCHAR));
  EXPECT_EQ(refusal(jpeg.substr(0, jpeg.size() / 2)), Reason::broken);
  const std::string png = png_of(VImage::gaussnoise(400, 400).cast(VIPS_FORMAT_UCHAR));
  EXPECT_EQ(refusal(png.substr(0, png.size() / 2)), Reason::broken);
}

// Headers that promise 60,000 x 60,000 pixels: 11 GB, if anybody believed it. What follows is too little by far, which would be
// found by whoever decoded a pixel of it.
TEST_F(PicturesTest, BelievesNoHeaderThatPromisesTooMuch) {
  constexpr std::uint32_t kSide = 60'000;
  std::string png = png_of(two_halves(8, 8));
  png.replace(16, 8, big_endian(kSide, 4) + big_endian(kSide, 4));
  EXPECT_EQ(refusal(png), Reason::broken) << "the header's checksum does not fit";
  // IHDR: its length in 4 bytes, its name and its 13 bytes, which the checksum is of.
  png.replace(29, 4, big_endian(crc_of(std::string_view(png).substr(12, 17)), 4));
  EXPECT_EQ(refusal(png), Reason::too_large);

  std::string jpeg = jpeg_of(two_halves(8, 8));
  const auto frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, big_endian(kSide, 2) + big_endian(kSide, 2));
  EXPECT_EQ(refusal(jpeg), Reason::too_large);

  std::string gif = text_of(two_halves(8, 8).gifsave_buffer());
  const std::string size{"\x08\0\x08\0",
                         4};  // of the screen, and of the only frame behind "," and its place
  const std::string huge = "\x60\xEA\x60\xEA";
  const auto place = gif.find(std::string(",\0\0\0\0", 5) + size);
  ASSERT_NE(place, std::string::npos);
  gif.replace(place + 5, 4, huge).replace(6, 4, huge);
  EXPECT_EQ(refusal(gif), Reason::too_large);
}

TEST_F(PicturesTest, RefusesTooManyPixels) {
  Options small;
  small.max_pixels = 63;
  EXPECT_EQ(refusal_by(Studio(small), png_of(two_halves(8, 8))), Reason::too_large);
  small.max_pixels = 64;
  EXPECT_EQ(Studio(small).make_blocking(png_of(two_halves(8, 8)), {{8, Fit::inside}}).front().width,
            8);
}

// A decoder goes over all pixels for each scan, of which thousands fit into little.
TEST_F(PicturesTest, RefusesMoreScansThanCamerasMake) {
  const std::string jpeg =
      text_of(two_halves(64, 64).jpegsave_buffer(VImage::option()->set("interlace", true)));
  EXPECT_EQ(one(jpeg, {32, Fit::inside}).width, 32);
  // The last scan once more, and once more.
  const auto scan = jpeg.rfind("\xFF\xDA");
  const std::string last = jpeg.substr(scan, jpeg.size() - 2 - scan);
  std::string bomb = jpeg.substr(0, jpeg.size() - 2);
  for (int i = 0; i < 100; ++i) bomb += last;
  EXPECT_EQ(refusal(bomb + "\xFF\xD9"), Reason::too_large);
}

// What a camera keeps beside the picture, and behind it, has bytes of every kind.
TEST_F(PicturesTest, TakesNoBytesOfSegmentsForScans) {
  std::string scans;
  for (int i = 0; i < 200; ++i) scans += "\xFF\xDA";
  std::string jpeg = jpeg_of(two_halves(64, 64)) + scans;
  const std::string length{"\x01\x92", 2};
  jpeg.insert(2, "\xFF\xE7" + length + scans);
  EXPECT_EQ(one(jpeg, {32, Fit::inside}).width, 32);
}

// Eight bytes a pixel and not three.
TEST_F(PicturesTest, JudgesPixelsByTheirBytes) {
  const VImage wide = two_halves(100, 100)
                          .bandjoin(VImage::black(100, 100))
                          .cast(VIPS_FORMAT_USHORT)
                          .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_RGB16));
  Options options;
  options.max_pixels = 13'000;
  EXPECT_EQ(refusal_by(Studio(options), png_of(wide)), Reason::too_large);
  options.max_pixels = 14'000;
  EXPECT_EQ(Studio(options).make_blocking(png_of(wide), {{8, Fit::inside}}).front().width, 8);
}

TEST_F(PicturesTest, EndsWhatIsLate) {
  const std::string png = png_of(VImage::gaussnoise(2000, 2000).cast(VIPS_FORMAT_UCHAR));
  Options options;
  options.time_limit = std::chrono::nanoseconds(1);
  EXPECT_EQ(refusal_by(Studio(options), png), Reason::too_large);
}

TEST_F(PicturesTest, EndsWhatIsUnderWayWhenItStops) {
  const std::string png = png_of(VImage::gaussnoise(2000, 2000).cast(VIPS_FORMAT_UCHAR));
  studio.stop();
  EXPECT_EQ(refusal(png), Reason::too_large);
}

// ---- A picture as a whole ----

std::string webp_of(const VImage& image) {
  return text_of(image.webpsave_buffer());
}

// Frames below one another, as libvips has them.
VImage two_frames(int side) {
  VImage frames =
      two_halves(side, side).join(two_halves(side, side).invert(), VIPS_DIRECTION_VERTICAL);
  frames = frames.copy();
  frames.set("page-height", side);
  return frames;
}

TEST_F(PicturesTest, EndsWhatIsWrittenLate) {
  using Clock = std::chrono::steady_clock;
  const auto noise = [] { return VImage::gaussnoise(2500, 2500).cast(VIPS_FORMAT_UCHAR); };
  const VImage image = noise().bandjoin(noise()).bandjoin(noise()).copy(
      VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  Options patient;
  patient.time_limit = std::chrono::minutes(10);
  for (const std::string& bytes : {webp_of(image), png_of(image)}) {
    // Between the time that decoding takes and that of all, which differ by ten times; measured anew where the machine was slow
    // just then.
    bool was_late = false;
    for (int i = 0; i < 10 && !was_late; ++i) {
      const auto began = Clock::now();
      VImage::new_from_buffer(bytes.data(), bytes.size(), "").copy_memory();
      const auto decoded = Clock::now();
      Studio(patient).renew_blocking(bytes, {});
      const auto of_all = std::chrono::duration<double>(Clock::now() - decoded);
      const auto of_decoding = std::chrono::duration<double>(decoded - began);
      Options hasty;
      hasty.time_limit = std::chrono::nanoseconds(
          static_cast<std::int64_t>(1e9 * std::sqrt(of_all.count() * of_decoding.count())));
      try {
        Studio(hasty).renew_blocking(bytes, {});
      } catch (const Refused& refused) {
        was_late = refused.reason() == Reason::too_large;
      }
    }
    EXPECT_TRUE(was_late);
  }
}

TEST_F(PicturesTest, KeepsAWholePictureInItsFormat) {
  const VImage image = two_halves(80, 40);
  const std::vector<std::pair<std::string, std::string>> all = {
      {jpeg_of(image), "image/jpeg"}, {png_of(image), "image/png"}, {webp_of(image), "image/webp"}};
  for (const auto& [bytes, type] : all) {
    const Renewed renewed = studio.renew_blocking(bytes, {320});
    EXPECT_EQ(renewed.whole.media_type, type);
    EXPECT_EQ(renewed.whole.width, 80);
    EXPECT_EQ(renewed.whole.height, 40);
    // libvips wrote the PNG that comes in as it writes the one that goes out.
    EXPECT_EQ(renewed.whole.bytes == bytes, type == "image/png");
    EXPECT_TRUE(is_red(read(renewed.whole), 10, 20)) << type;
    EXPECT_TRUE(renewed.smaller.empty()) << "nothing is smaller than that";
  }
}

TEST_F(PicturesTest, LosesNoPixelOfAPng) {
  const VImage noise = VImage::gaussnoise(64, 64).cast(VIPS_FORMAT_UCHAR);
  const Renewed grey = studio.renew_blocking(png_of(noise), {});
  EXPECT_EQ(read(grey.whole).bands(), 1) << "what is grey stays so";
  EXPECT_EQ((read(grey.whole) - noise).abs().max(), 0.0);
  const VImage colours = two_halves(64, 64).bandjoin(noise);
  EXPECT_EQ((read(studio.renew_blocking(png_of(colours), {}).whole) - colours).abs().max(), 0.0);
}

TEST_F(PicturesTest, MakesTheSidesThatAreLessThanItsLonger) {
  const Renewed tall =
      studio.renew_blocking(jpeg_of(two_halves(500, 1000)), {100, 400, 1000, 2000});
  ASSERT_EQ(tall.smaller.size(), 2U);
  EXPECT_EQ(tall.smaller[0].height, 100);
  EXPECT_EQ(tall.smaller[0].width, 50);
  EXPECT_EQ(tall.smaller[1].height, 400);
  EXPECT_EQ(tall.smaller[1].media_type, "image/jpeg");
}

TEST_F(PicturesTest, SmallerOnesAreAllOfOneType) {
  const VImage alpha =
      VImage::black(640, 640).new_from_image(255.0).cast(VIPS_FORMAT_UCHAR).copy_memory();
  alpha.draw_rect({0.0}, 0, 0, 1, 1);
  const Renewed renewed =
      studio.renew_blocking(png_of(two_halves(640, 640).bandjoin(alpha)), {64, 320});
  ASSERT_EQ(renewed.smaller.size(), 2U);
  for (const Picture& one : renewed.smaller) EXPECT_EQ(one.media_type, "image/png");
}

TEST_F(PicturesTest, TurnsAWholePictureAndForgetsWhereItWasTaken) {
  VImage image = two_halves(400, 200).copy();
  image.set("orientation", 6);
  const std::string xmp = "<x:xmpmeta>GPSLatitude 52.5</x:xmpmeta>";
  image.set("xmp-data", nullptr, const_cast<char*>(xmp.data()), xmp.size());
  image.set("exif-ifd0-Artist", "Somebody");
  for (const std::string& bytes : {jpeg_of(image), webp_of(image)}) {
    ASSERT_NE(bytes.find("Somebody"), std::string::npos);
    const Renewed renewed = studio.renew_blocking(bytes, {320});
    EXPECT_EQ(renewed.whole.width, 200) << renewed.whole.media_type;
    EXPECT_EQ(renewed.whole.height, 400);
    ASSERT_EQ(renewed.smaller.size(), 1U);
    EXPECT_EQ(renewed.smaller[0].height, 320);
    for (const std::string& out : {renewed.whole.bytes, renewed.smaller[0].bytes}) {
      for (const char* trace : {"GPSLatitude", "Somebody"}) {
        EXPECT_EQ(out.find(trace), std::string::npos) << trace << " " << renewed.whole.media_type;
      }
    }
  }
}

TEST_F(PicturesTest, LetsWhatMovesMove) {
  const Renewed gif = studio.renew_blocking(text_of(two_frames(400).gifsave_buffer()), {320});
  EXPECT_EQ(gif.whole.media_type, "image/gif");
  EXPECT_TRUE(gif.whole.bytes.empty());
  EXPECT_EQ(gif.whole.height, 400);
  ASSERT_EQ(gif.smaller.size(), 1U);
  EXPECT_EQ(gif.smaller[0].height, 320);
  const Renewed webp = studio.renew_blocking(webp_of(two_frames(400)), {320});
  EXPECT_EQ(webp.whole.height, 400);
  ASSERT_EQ(webp.smaller.size(), 1U);
  EXPECT_EQ(webp.smaller[0].height, 320);
  EXPECT_EQ(read(webp.whole).get_int("n-pages"), 2);
}

TEST_F(PicturesTest, CountsAllFramesThatAreMadeAnew) {
  Options small;
  small.max_pixels = 64 * 64 * 2 - 1;
  const std::string webp = webp_of(two_frames(64));
  try {
    Studio(small).renew_blocking(webp, {});
    FAIL() << "it was taken";
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.reason(), Reason::too_large);
  }
  small.max_pixels = 64 * 64 * 2;
  EXPECT_EQ(Studio(small).renew_blocking(webp, {}).whole.height, 64);
}

TEST_F(PicturesTest, RefusesToRenewHalfAPicture) {
  for (const std::string& whole : {jpeg_of(VImage::gaussnoise(400, 400).cast(VIPS_FORMAT_UCHAR)),
                                   text_of(two_frames(400).gifsave_buffer())}) {
    EXPECT_THROW(studio.renew_blocking(whole.substr(0, whole.size() / 2), {}), Refused);
  }
}

}  // namespace
}  // namespace stoa::pictures
