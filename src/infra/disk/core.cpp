#include "infra/disk/core.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/log.hpp>

#include <stdexcept>

namespace stoa::disk {
namespace {

constexpr std::array<const char*, kOperations> kNames = {"open",   "create", "read",   "write",
                                                         "commit", "rename", "remove", "list"};

}  // namespace

Core::Core(const config::Disk& config, Metrics& metrics)
    : config_(config),
      metrics_(metrics),
      read_bytes_(metrics.counter("stoa_disk_bytes_total", "Bytes read and written",
                                  {{"direction", "read"}})),
      written_bytes_(metrics.counter("stoa_disk_bytes_total", "Bytes read and written",
                                     {{"direction", "written"}})),
      pool_(config.threads, config.queue) {
  for (std::size_t i = 0; i < kOperations; ++i) {
    const auto counter = [&](const char* outcome) {
      return &metrics.counter("stoa_disk_operations_total", "What was done with files",
                              {{"operation", kNames[i]}, {"outcome", outcome}});
    };
    counts_[i] = {
        counter("done"), counter("failed"),
        &metrics.histogram("stoa_disk_seconds", "Time of one operation on a disk's thread",
                           {{"operation", kNames[i]}})};
  }
  metrics.observe("stoa_disk_open_files", "Files that are being read or written",
                  [this] { return static_cast<double>(open_.load()); });
  observe_workers(metrics, pool_, "disk");
}

std::shared_ptr<Place> Core::add(std::string name, std::string path) {
  for (const auto& place : places_) {
    if (place->name == name) throw std::logic_error("a folder stands there twice: " + name);
  }
  const auto place = std::make_shared<Place>();
  place->name = std::move(name);
  place->path = std::move(path);
  metrics_.observe(
      "stoa_disk_free_bytes", "Of the folder's file system, when something was last written",
      [place] { return static_cast<double>(place->free.load()); }, {{"folder", place->name}});
  places_.push_back(place);
  return place;
}

void Core::start() {
  for (const auto& place : places_) {
    try {
      place->root = open_root(place->path);
      place->free = free_bytes(place->root.folder);
      const auto swept = sweep(place->root);
      if (swept > 0) log::info("disk_swept", {{"folder", place->name}, {"files", swept}});
    } catch (const std::exception& error) {
      throw std::runtime_error("the folder " + place->path + " cannot be used: " + error.what());
    }
  }
}

void Core::take_seat() {
  if (open_.fetch_add(1) < config_.max_open_files) return;
  give_seat();
  throw Error(Code::overloaded).retry_after(std::chrono::seconds(1));
}

void Core::require_room(Place& place, std::uint64_t bytes) const {
  const std::uint64_t free = free_bytes(place.root.folder);
  place.free = free;
  if (free < bytes || free - bytes < config_.keep_free_bytes) throw Error(Code::storage_full);
}

void Core::count(Operation operation, bool is_done, std::chrono::duration<double> took) noexcept {
  Counts& counts = counts_[static_cast<std::size_t>(operation)];
  (is_done ? counts.done : counts.failed)->Increment();
  counts.seconds->observe(took.count());
}

OpenFile::~OpenFile() {
  core->give_seat();
  if (!part.fd) return;
  // A std::function is copied.
  auto left = std::make_shared<Part>(std::move(part));
  core->post([place = place, left = std::move(left)] {
    if (!left->name.empty()) discard(place->root, *left);
    left->fd = Fd();
  });
}

}  // namespace stoa::disk
