#include "infra/disk/core.hpp"

#include <stoa/core/error.hpp>
#include <stoa/disk/disk.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <sys/stat.h>

namespace stoa::disk {
namespace {

constexpr std::size_t kReadAhead = std::size_t{128} * 1024;
constexpr std::size_t kGathered = std::size_t{256} * 1024;

std::shared_ptr<OpenFile> open_seat(const std::shared_ptr<Core>& core,
                                    const std::shared_ptr<Place>& place) {
  core->take_seat();
  try {
    return std::make_shared<OpenFile>(core, place);
  } catch (...) {
    core->give_seat();
    throw;
  }
}

void open(OpenFile& file, const Name& name) {
  file.part.fd = open_file(file.place->root, name);
  struct stat status = {};
  if (::fstat(file.part.fd.get(), &status) != 0) fail(errno, "fstat");
  file.size = static_cast<std::uint64_t>(status.st_size);
  file.modified = Timestamp(std::chrono::duration_cast<Timestamp::duration>(
      std::chrono::seconds(status.st_mtim.tv_sec) +
      std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

void append(const OpenFile& file, std::string_view bytes) {
  file.core->require_room(*file.place, bytes.size());
  write_all(file.part.fd, bytes);
  file.core->count_written(bytes.size());
}

// From then on it is a file like others, and nothing of it is to be forgotten.
void publish(OpenFile& file, const Name& name) {
  publish(file.place->root, file.part, name);
  file.part.name.clear();
}

// The coroutines below take values: a Folder may be a copy that is gone by then.
Task<Reader> open_reader(std::shared_ptr<Core> core, std::shared_ptr<Place> place, Name name) {
  const auto file = open_seat(core, place);
  auto work = [file, name] { open(*file, name); };
  co_await core->run(Operation::open, std::move(work));
  co_return Reader(file);
}

Task<Writer> open_writer(std::shared_ptr<Core> core, std::shared_ptr<Place> place, Name name,
                         std::uint64_t expected) {
  const auto file = open_seat(core, place);
  auto work = [file, expected] {
    file->core->require_room(*file->place, expected);
    file->part = create_part(file->place->root);
  };
  co_await core->run(Operation::create, std::move(work));
  co_return Writer(file, std::move(name));
}

Task<std::string> read_whole(std::shared_ptr<Core> core, std::shared_ptr<Place> place, Name name,
                             std::size_t most) {
  const auto file = open_seat(core, place);
  auto work = [file, name, most] {
    open(*file, name);
    if (file->size > most) throw Error(Code::too_large);
    auto bytes = read_some(file->part.fd, 0, static_cast<std::size_t>(file->size));
    file->core->count_read(bytes.size());
    return bytes;
  };
  std::string bytes = co_await core->run(Operation::read, std::move(work));
  co_return bytes;
}

Task<> write_whole(std::shared_ptr<Core> core, std::shared_ptr<Place> place, Name name,
                   std::string bytes) {
  const auto file = open_seat(core, place);
  auto work = [file, name, bytes = std::move(bytes)] {
    file->core->require_room(*file->place, bytes.size());
    file->part = create_part(file->place->root);
    append(*file, bytes);
    publish(*file, name);
  };
  co_await core->run(Operation::write, std::move(work));
}

}  // namespace

Reader::Reader(std::shared_ptr<OpenFile> file) : file_(std::move(file)) {}

std::uint64_t Reader::size() const noexcept {
  return file_->size;
}

Timestamp Reader::modified() const noexcept {
  return file_->modified;
}

Task<std::string_view> Reader::read(std::uint64_t offset, std::size_t most) {
  if (offset >= file_->size || most == 0) co_return std::string_view();
  if (offset < buffer_at_ || offset >= buffer_at_ + buffer_.size()) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(
        file_->size - offset, std::max(kReadAhead, std::min(most, kGathered))));
    auto work = [file = file_, offset, size, into = std::move(buffer_)]() mutable {
      auto bytes = read_some(file->part.fd, offset, size, std::move(into));
      file->core->count_read(bytes.size());
      return bytes;
    };
    buffer_.clear();
    buffer_ = co_await file_->core->run_seated(Operation::read, std::move(work));
    buffer_at_ = offset;
  }
  co_return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - buffer_at_), most);
}

Writer::Writer(std::shared_ptr<OpenFile> file, Name name)
    : file_(std::move(file)), name_(std::move(name)) {}

Task<> Writer::write(std::string_view piece) {
  buffer_ += piece;
  size_ += piece.size();
  if (buffer_.size() >= kGathered) co_await flush();
}

// What cannot be written is forgotten at once, so that its room is there for others.
Task<> Writer::flush() {
  const auto file = std::exchange(file_, nullptr);
  if (!file) throw std::logic_error("a file that was committed, or has failed, is not written to");
  auto work = [file, bytes = std::move(buffer_)]() mutable {
    append(*file, bytes);
    bytes.clear();
    return std::move(bytes);
  };
  buffer_ = co_await file->core->run_seated(Operation::write, std::move(work));
  file_ = file;
}

Task<> Writer::commit() {
  const auto file = std::exchange(file_, nullptr);
  if (!file) throw std::logic_error("a file that was committed, or has failed, is not committed");
  auto work = [file, name = name_, bytes = std::move(buffer_)] {
    append(*file, bytes);
    publish(*file, name);
  };
  co_await file->core->run_seated(Operation::commit, std::move(work));
}

Task<Reader> Folder::open(Name name) const {
  return open_reader(core_, place_, std::move(name));
}

Task<Writer> Folder::create(Name name, std::uint64_t expected) const {
  return open_writer(core_, place_, std::move(name), expected);
}

Task<std::string> Folder::read(Name name, std::size_t most) const {
  return read_whole(core_, place_, std::move(name), most);
}

Task<> Folder::write(Name name, std::string bytes) const {
  return write_whole(core_, place_, std::move(name), std::move(bytes));
}

Task<> Folder::rename(Name from, Name to) const {
  auto work = [place = place_, from = std::move(from), to = std::move(to)] {
    rename_file(place->root, from, to);
  };
  return core_->run(Operation::rename, std::move(work));
}

Task<bool> Folder::remove(Name name) const {
  auto work = [place = place_, name = std::move(name)] { return remove_file(place->root, name); };
  return core_->run(Operation::remove, std::move(work));
}

Task<std::vector<std::string>> Folder::list(Name folder) const {
  auto work = [place = place_, folder = std::move(folder)] {
    return list_files(place->root, folder);
  };
  return core_->run(Operation::list, std::move(work));
}

Disk::Disk(const config::Disk& config, Metrics& metrics)
    : core_(std::make_shared<Core>(config, metrics)) {}

Disk::~Disk() {
  stop();
}

Folder Disk::folder(std::string name, std::filesystem::path path) {
  return {core_, core_->add(std::move(name), path.string())};
}

void Disk::start() {
  core_->start();
}

void Disk::stop() {
  core_->stop();
}

}  // namespace stoa::disk
