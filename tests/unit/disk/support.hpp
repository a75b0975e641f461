#pragma once
// A disk with a folder of its own, and coroutines that are run to their end.
#include "../support/eventually.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/disk/disk.hpp>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

namespace stoa::disk::test {

using stoa::test::eventually;

// Throws what the coroutine throws.
template <class Coroutine>
void run(Coroutine&& coroutine) {
  asio::io_context io;
  std::exception_ptr failed;
  asio::co_spawn(io, coroutine(), [&failed](std::exception_ptr error) { failed = error; });
  io.run();
  if (failed) std::rethrow_exception(failed);
}

// The code of the Error that it ends with.
template <class Coroutine>
std::optional<Code> refusal(Coroutine&& coroutine) {
  try {
    run(coroutine);
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

inline Name name(std::string_view text) {
  return Name::parse(text).value();
}

class DiskTest : public testing::Test {
 protected:
  DiskTest()
      : base_(std::filesystem::temp_directory_path() / ("stoa-disk-" + std::to_string(::getpid()))),
        path(base_ / "files") {
    config.keep_free_bytes = {0};
  }
  ~DiskTest() override {
    disk_.reset();
    std::filesystem::remove_all(base_);
  }

  // As a process that starts: what was there stays, the disk before it ends.
  Folder start() {
    disk_.reset();
    disk_.emplace(config, metrics_.emplace());
    Folder folder = disk_->folder("test", path);
    disk_->start();
    return folder;
  }
  Disk& disk() { return *disk_; }
  std::string metrics() const { return metrics_->text(); }

  std::string content(const std::filesystem::path& of) const {
    std::ifstream file(of);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // What is half written, or waits to be removed.
  std::size_t parts() const {
    std::filesystem::directory_iterator listing(path / ".parts");
    return static_cast<std::size_t>(std::distance(begin(listing), end(listing)));
  }

 private:
  std::optional<Metrics> metrics_;
  std::optional<Disk> disk_;
  const std::filesystem::path base_;

 protected:
  const std::filesystem::path path;
  config::Disk config;
};

}  // namespace stoa::disk::test
