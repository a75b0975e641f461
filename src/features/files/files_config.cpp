#include "features/files/clamd.hpp"

#include <stoa/core/config_check.hpp>
#include <stoa/files/files_config.hpp>

namespace stoa::files {

void check(const FilesConfig& f, const Config& all) {
  using namespace config;
  constexpr std::size_t kGiB = kKiB * kMiB;
  constexpr std::size_t kMost = kGiB * kMiB;
  check_size("files.max_bytes", f.max_bytes, 1, 64 * kGiB);
  check_size("files.user_quota", f.user_quota, f.max_bytes, kMost);
  check_size("files.room_quota", f.room_quota, f.max_bytes, kMost);
  check_size("files.loose_per_room", f.loose_per_room, 1, kMost);
  check_count("files.max_loose_files_per_room", f.max_loose_files_per_room, 100'000);
  check_count("files.max_files_per_user", f.max_files_per_user, 100'000'000);
  check_count("files.max_files_per_room", f.max_files_per_room, 100'000'000);
  for (const std::string& type : f.types) {
    const auto slash = type.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == type.size()) {
      refuse("files.types", "\"" + type + "\" is no type such as \"image/png\" or \"image/*\"");
    }
  }
  check_count("files.uploads", f.uploads, 10'000);
  check_count("files.uploads_per_address", f.uploads_per_address, 10'000);
  check_count("files.uploads_per_user", f.uploads_per_user, f.uploads);
  check_count("files.downloads", f.downloads, 1'000'000);
  if (f.downloads >= all.disk.max_open_files) {
    refuse("files.downloads", "has to be less than disk.max_open_files, or nothing can be brought");
  }
  check_count("files.downloads_per_address", f.downloads_per_address, 1'000'000);
  check_count("files.downloads_of_strangers", f.downloads_of_strangers, 1'000'000);
  check_count("files.downloads_per_user", f.downloads_per_user, 1'000'000);
  check_time("files.upload_time", f.upload_time, 1s, 24h);
  if (all.storage.engine == StorageEngine::s3 && all.s3.abandoned_after < f.upload_time) {
    refuse("s3.abandoned_after",
           "must not be shorter than files.upload_time: what still comes would be ended");
  }
  check_time("files.keep_uploads", f.keep_uploads, 1s, 24h * 365);
  check_time("files.link_ttl", f.link_ttl, 1s, 24h);
  check_count("files.open_uploads_per_user", f.open_uploads_per_user, 10'000);
  if (!f.clamd.empty() && !Clamd::parse(f.clamd)) {
    refuse("files.clamd",
           "write \"unix:/run/clamav/clamd.ctl\", or \"tcp://127.0.0.1:3310\" with an address in "
           "digits");
  }
  check_time("files.scan_timeout", f.scan_timeout, 1s, 1h);
  check_count("files.sniff_threads", f.sniff_threads, 64);
  check_count("files.sniff_queue", f.sniff_queue, 10'000);
  check_time("files.sweep_interval", f.sweep_interval, 100ms, 24h);
}

}  // namespace stoa::files
