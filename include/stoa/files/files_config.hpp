#pragma once
// [files] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::files {

using namespace std::chrono_literals;

struct FilesConfig {
  ByteSize max_bytes{10 * config::kMiB};
  ByteSize user_quota{config::kKiB * config::kMiB};
  ByteSize room_quota{4 * config::kKiB * config::kMiB};
  ByteSize loose_per_room{256 * config::kMiB};  // of one person in one room, that nothing keeps
  std::size_t max_loose_files_per_room = 500;
  std::size_t max_files_per_user = 10'000;
  std::size_t max_files_per_room = 100'000;
  std::vector<std::string> types = {"text/plain",
                                    "application/pdf",
                                    "image/png",
                                    "image/jpeg",
                                    "image/gif",
                                    "image/webp",
                                    "application/vnd.openxmlformats-officedocument.*",
                                    "application/vnd.oasis.opendocument.*",
                                    "application/msword",
                                    "application/vnd.ms-excel",
                                    "application/vnd.ms-powerpoint",
                                    "application/epub+zip",
                                    "application/zip",
                                    "audio/mpeg",
                                    "audio/ogg",
                                    "audio/mp4",
                                    "audio/wav",
                                    "audio/flac",
                                    "video/mp4",
                                    "video/webm",
                                    "video/ogg",
                                    "video/quicktime"};
  std::size_t uploads = 64;  // under way at once on this node
  std::size_t uploads_per_address =
      16;                            // what one address has beyond gives way where all are taken
  std::size_t uploads_per_user = 4;  // of one person
  std::size_t downloads = 768;       // that this node gives out at once, from its own disk
  std::size_t downloads_per_address = 256;
  std::size_t downloads_of_strangers = 64;  // of an address, by people who are not signed in
  std::size_t downloads_per_user = 32;
  Duration upload_time = 1h;    // for one file to come
  Duration keep_uploads = 24h;  // a file that nothing has
  Duration link_ttl = 5min;
  std::size_t open_uploads_per_user = 20;  // that come by links and have not yet
  std::size_t sniff_threads = 2;
  std::size_t sniff_queue = 64;
  std::string clamd;  // "unix:/path" or "tcp://address:port"; empty: files are not scanned
  Duration scan_timeout = 2min;
  Duration sweep_interval = 1min;
};
BOOST_DESCRIBE_STRUCT(FilesConfig, (),
                      (max_bytes, user_quota, room_quota, loose_per_room, max_loose_files_per_room,
                       max_files_per_user, max_files_per_room, types, uploads, uploads_per_address,
                       uploads_per_user, downloads, downloads_per_address, downloads_of_strangers,
                       downloads_per_user, upload_time, keep_uploads, link_ttl,
                       open_uploads_per_user, sniff_threads, sniff_queue, clamd, scan_timeout,
                       sweep_interval))

// Throws ConfigError.
void check(const FilesConfig& files, const Config& all);

}  // namespace stoa::files
