#pragma once
// What is done to files below a folder, step by step over its descriptor, so that no link and no ".." leads elsewhere. Blocks:
// on a disk's thread, or at the start. Throws what <stoa/disk/disk.hpp> says.
#include <stoa/disk/name.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::disk {

// A descriptor, closed with its owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A file that has no name yet.
struct Part {
  Fd fd;
  std::string name;  // in the folder of parts
};

// A folder's two descriptors: its own, and that of the parts below it, which are on the same file system.
struct Root {
  Fd folder, parts;
};

Root open_root(const std::string& path);
// Those parts that no process is writing; says how many.
std::size_t sweep(const Root& root);

Fd open_file(const Root& root, const Name& name);
// Until `size` bytes are read or the file ends.
std::string read_some(const Fd& fd, std::uint64_t offset, std::size_t size, std::string into = {});

Part create_part(const Root& root);
void write_all(const Fd& fd, std::string_view bytes);
// Flushes it and gives it its name, for good. It is gone where that fails, and what had the name may be.
void publish(const Root& root, const Part& part, const Name& name);
void discard(const Root& root, const Part& part) noexcept;

void rename_file(const Root& root, const Name& from, const Name& to);
bool remove_file(const Root& root, const Name& name);
std::vector<std::string> list_files(const Root& root, const Name& folder);

// What others than root may still use of the file system.
std::uint64_t free_bytes(const Fd& fd);

// Throws the Error for what errno says, or std::system_error: also for what is not there, since that is a fault unless it was
// looked up by its name.
[[noreturn]] void fail(int error, const char* what);

}  // namespace stoa::disk
