#pragma once
// A ZIP file (APPNOTE 6.3, with Zip64 where it is needed) that is made from its beginning to its end, by libarchive: nothing is
// gone back to, so that it can be sent while it is made. What was made waits in `out` until it is taken. One thread at a time.
#include <string>
#include <string_view>

struct archive;

namespace stoa::account {

class ZipWriter {
 public:
  ZipWriter();
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // The following bytes are those of this file; `name` is a relative path in UTF-8. These throw std::runtime_error.
  void begin(const std::string& name);
  void write(std::string_view bytes);
  void finish();

  // What was made since the last call.
  std::string take();

 private:
  void check(int result);

  archive* archive_;
  std::string out_;
};

}  // namespace stoa::account
