#include "infra/disk/files.hpp"

#include <stoa/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace stoa::disk {
namespace {

constexpr char kParts[] = ".parts";  // no Name begins with a dot
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kFolderMode = 0700, kFileMode = 0600;
// Each is lost to a sweep of another process that starts just then.
constexpr int kMostParts = 16;

template <class Call>
auto again(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Of a name that is looked up: what is not there, and what is no file, is not found.
[[noreturn]] void fail_to_find(int error, const char* what) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:  // a link, of which there are none here
    case EISDIR:
      throw Error(Code::not_found);
    default:
      fail(error, what);
  }
}

void flush(const Fd& fd) {
  if (again([&] { return ::fsync(fd.get()); }) != 0) fail(errno, "fsync");
}

// Makes the folder where it is not there, and its entry last.
Fd make_folder(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), kFolderMode) == 0) {
    if (again([&] { return ::fsync(parent); }) != 0) fail(errno, "fsync");
  } else if (errno != EEXIST) {
    fail(errno, "mkdir");
  }
  Fd folder(::openat(parent, name.c_str(), kFolderFlags));
  if (!folder) fail(errno, "open");
  return folder;
}

// The folder that a file stands in, and the file's name there.
struct Stand {
  Fd folder;
  std::string file;
};

// Makes the folders on the way, or finds them.
Stand walk(const Root& root, const Name& name, bool make) {
  Stand stand;
  std::string_view rest = name.str();
  for (;;) {
    const auto slash = rest.find('/');
    const std::string segment(rest.substr(0, slash));
    const int here = stand.folder ? stand.folder.get() : root.folder.get();
    if (slash == std::string_view::npos) {
      stand.file = segment;
      if (!stand.folder) stand.folder = Fd(::openat(here, ".", kFolderFlags));
      if (!stand.folder) fail(errno, "open");
      return stand;
    }
    Fd next = make ? make_folder(here, segment) : Fd(::openat(here, segment.c_str(), kFolderFlags));
    if (!next) fail_to_find(errno, "open");
    stand.folder = std::move(next);
    rest.remove_prefix(slash + 1);
  }
}

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

}  // namespace

void fail(int error, const char* what) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      throw Error(Code::storage_full);
    case EFBIG:
      throw Error(Code::too_large);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      throw Error(Code::overloaded).retry_after(std::chrono::seconds(1));
    default:
      throw std::system_error(error, std::generic_category(), what);
  }
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Root open_root(const std::string& path) {
  std::filesystem::create_directories(path);
  Root root;
  root.folder = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.folder) throw std::system_error(errno, std::generic_category(), "open");
  root.parts = make_folder(root.folder.get(), kParts);
  return root;
}

std::size_t sweep(const Root& root) {
  const int copy = ::openat(root.parts.get(), ".", kFolderFlags);  // the listing closes it
  if (copy < 0) fail(errno, "open");
  const std::unique_ptr<DIR, CloseFolder> listing(::fdopendir(copy));
  if (!listing) fail(errno, "fdopendir");
  std::size_t count = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    if (entry->d_name[0] == '.') continue;
    // To be written, since NFS locks no other for one alone.
    const Fd part(
        ::openat(root.parts.get(), entry->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!part || ::flock(part.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (::unlinkat(root.parts.get(), entry->d_name, 0) == 0) ++count;
  }
  return count;
}

Fd open_file(const Root& root, const Name& name) {
  const Stand stand = walk(root, name, false);
  Fd file(::openat(stand.folder.get(), stand.file.c_str(),
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) fail_to_find(errno, "open");
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail(errno, "fstat");
  if (!S_ISREG(status.st_mode)) throw Error(Code::not_found);
  return file;
}

std::string read_some(const Fd& fd, std::uint64_t offset, std::size_t size, std::string into) {
  into.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const auto count = again([&] {
      return ::pread(fd.get(), into.data() + done, size - done, static_cast<off_t>(offset + done));
    });
    if (count < 0) fail(errno, "pread");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  into.resize(done);
  return into;
}

// Locked as long as it is open, so that another process that starts does not take it for left over. One that starts in
// between may have.
Part create_part(const Root& root) {
  for (int i = 0; i < kMostParts; ++i) {
    Part part{Fd(), Uuid::v7().str()};
    part.fd = Fd(::openat(root.parts.get(), part.name.c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (!part.fd) fail(errno, "create");
    if (again([&] { return ::flock(part.fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
      const int error = errno;
      discard(root, part);
      if (error == EWOULDBLOCK) continue;
      fail(error, "flock");
    }
    struct stat status = {};
    if (::fstat(part.fd.get(), &status) != 0) {
      const int error = errno;
      discard(root, part);
      fail(error, "fstat");
    }
    if (status.st_nlink > 0) return part;
  }
  throw Error(Code::overloaded).retry_after(std::chrono::seconds(1));
}

void write_all(const Fd& fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = again([&] { return ::write(fd.get(), bytes.data(), bytes.size()); });
    if (count < 0) fail(errno, "write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void publish(const Root& root, const Part& part, const Name& name) {
  try {
    flush(part.fd);
    const Stand stand = walk(root, name, true);
    if (::renameat(root.parts.get(), part.name.c_str(), stand.folder.get(), stand.file.c_str()) !=
        0) {
      fail(errno, "rename");
    }
    try {
      flush(stand.folder);
    } catch (...) {
      // It may be gone after a crash, and its writer is told that it failed.
      ::unlinkat(stand.folder.get(), stand.file.c_str(), 0);
      throw;
    }
  } catch (...) {
    discard(root, part);
    throw;
  }
}

void discard(const Root& root, const Part& part) noexcept {
  ::unlinkat(root.parts.get(), part.name.c_str(), 0);
}

void rename_file(const Root& root, const Name& from, const Name& to) {
  const Stand old_stand = walk(root, from, false);
  const Stand new_stand = walk(root, to, true);
  if (::renameat(old_stand.folder.get(), old_stand.file.c_str(), new_stand.folder.get(),
                 new_stand.file.c_str()) != 0) {
    if (errno == ENOENT) throw Error(Code::not_found);  // both folders are there
    fail(errno, "rename");
  }
  flush(new_stand.folder);
  flush(old_stand.folder);
}

bool remove_file(const Root& root, const Name& name) {
  try {
    const Stand stand = walk(root, name, false);
    if (::unlinkat(stand.folder.get(), stand.file.c_str(), 0) != 0) {
      fail_to_find(errno, "unlink");
    }
    return true;
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
    return false;
  }
}

std::vector<std::string> list_files(const Root& root, const Name& folder) {
  std::vector<std::string> names;
  int opened = -1;
  try {
    const Stand stand = walk(root, folder, false);
    opened =
        ::openat(stand.folder.get(), stand.file.c_str(), kFolderFlags);  // the listing closes it
    if (opened < 0) fail_to_find(errno, "open");
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
    return names;
  }
  const std::unique_ptr<DIR, CloseFolder> listing(::fdopendir(opened));
  if (!listing) {
    const Fd closed(opened);
    fail(errno, "fdopendir");
  }
  while (const dirent* entry = ::readdir(listing.get())) {
    if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) names.emplace_back(entry->d_name);
  }
  return names;
}

std::uint64_t free_bytes(const Fd& fd) {
  struct statvfs status = {};
  if (again([&] { return ::fstatvfs(fd.get(), &status); }) != 0) fail(errno, "statvfs");
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace stoa::disk
