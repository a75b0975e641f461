#pragma once
// Pictures that people send: taken apart, turned upright, and made anew in the sizes that are wanted, so that nothing of the bytes
// that came in is given out: neither where the picture was taken, nor what a decoder of somebody's browser stumbles over.
//
//   pictures::Studio studio(options);
//   const auto made = co_await studio.make(turn_of(caller), std::move(bytes), {{512, Fit::square}, {128, Fit::square}});
//
// JPEG, PNG, WebP, GIF (its first frame), HEIC and AVIF come in, known by their bytes alone. Out goes JPEG in sRGB, or PNG
// where something is to be seen through; never larger than what came in. A whole picture stays what it was (renew()). libvips does it, on threads beside the shards, in
// some tenths of a second for what a telephone takes. max_pixels, and time_limit where pixels come one by one, bound it; a
// format whose decoder makes all of them at once (a progressive JPEG, an interlaced PNG, AVIF) is ended between its steps, and an
// animation that is written between its frames.
#include <stoa/core/config_types.hpp>
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::pictures {

struct Options {
  std::size_t threads = 1;  // each may hold a picture: up to eight bytes for each of max_pixels
  std::size_t queue = 64;   // pictures that may wait for them
  std::uint64_t max_pixels =
      50'000'000;  // width times height, as the header says, before anything is decoded; fewer of more than six bytes
  std::chrono::nanoseconds time_limit = std::chrono::seconds(20);  // of one picture
};

enum class Fit {
  inside,  // as it is, with at most so many pixels on the longer side
  square,  // the middle of it
};

struct Size {
  int side;
  Fit fit;
};

struct Picture {
  std::string bytes;
  std::string_view
      media_type;  // "image/jpeg" or "image/png"; of a whole one also "image/webp" or "image/gif"
  int width = 0, height = 0;
};

// A picture as whole as it came, and smaller ones of it.
struct Renewed {
  Picture
      whole;  // without bytes where those that came may stay: of a GIF, whose frames all move on
  std::vector<Picture> smaller;
};

enum class Reason {
  unknown,    // none of the formats
  too_large,  // more than max_pixels, more scans than any camera makes, or late
  broken,     // ends too early, or says what cannot be
};

// What is wrong with the bytes.
class Refused : public std::runtime_error {
 public:
  explicit Refused(Reason reason);
  Reason reason() const noexcept { return reason_; }

 private:
  Reason reason_;
};

// Owned by the composition root or a feature. libvips is set up by the first one, for the whole process: any thread.
class Studio {
 public:
  // Throws std::runtime_error where libvips cannot be set up.
  explicit Studio(const Options& options);
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  // One picture for each size, in their order. Throws Refused, Error{overloaded} where too many wait, of those most of `who`,
  // and Error{shutting_down}.
  Task<std::vector<Picture>> make(TurnKey who, std::string bytes, std::vector<Size> sizes);
  // The picture as a whole, made anew in its own format (JPEG, PNG, WebP with all its frames; what else it may be as JPEG or
  // PNG), upright, in sRGB; and for each of `sides` that is less than its longer side a smaller one, in their order. A GIF is
  // read, and keeps its bytes. Throws the same.
  Task<Renewed> renew(TurnKey who, std::string bytes, std::vector<int> sides);
  // The same on the calling thread.
  std::vector<Picture> make_blocking(std::string_view bytes, const std::vector<Size>& sizes) const;
  Renewed renew_blocking(std::string_view bytes, const std::vector<int>& sides) const;

  // Ends what runs and refuses what waits. Idempotent.
  void stop();
  const WorkerPool& pool() const noexcept { return pool_; }

 private:
  const Options options_;
  std::atomic<bool> stopping_ = false;
  WorkerPool pool_;
};

}  // namespace stoa::pictures
