// A file as the answer to a request.
#include <stoa/module/file_source.hpp>

#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

namespace stoa {
namespace {

TEST(FileSource, ReadsAFileFromWhereARangeBegins) {
  const auto path =
      std::filesystem::temp_directory_path() / ("stoa-source-" + std::to_string(::getpid()));
  Metrics metrics;
  disk::Disk disk(config::Disk{.keep_free_bytes = {0}}, metrics);
  const disk::Folder folder = disk.folder("test", path);
  disk.start();
  asio::io_context io;
  std::string read;
  const auto story = [&]() -> Task<> {
    const auto name = disk::Name::parse("film").value();
    co_await folder.write(name, "0123456789");
    const auto source = file_source(co_await folder.open(name));
    EXPECT_EQ(source->size(), 10u);
    for (;;) {
      const auto piece = co_await source->read(4 + read.size(), 4);
      if (piece.empty()) break;
      read += piece;
    }
  };
  asio::co_spawn(io, story(), [](std::exception_ptr error) { EXPECT_FALSE(error); });
  io.run();
  EXPECT_EQ(read, "456789");
  disk.stop();
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace stoa
