// What files are to the server.
#include "features/files/clamd.hpp"
#include "features/files/file_links.hpp"
#include "features/files/files_store.hpp"
#include "features/files/files_types.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/entrance.hpp>
#include <stoa/files/feature.hpp>
#include <stoa/files/files.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/files/pictures_config.hpp>
#include <stoa/pictures/pictures.hpp>
#include <stoa/sniff/sniffer.hpp>
#include <stoa/storage/storage.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stoa::files {
namespace {

std::optional<Clamd> clamd_of(const FilesConfig& config) {
  if (config.clamd.empty()) return std::nullopt;
  return std::optional<Clamd>(std::in_place, *Clamd::parse(config.clamd), config.scan_timeout);
}

pictures::Options options_of(const PicturesConfig& config) {
  return {config.threads, config.queue, config.max_pixels, config.time_limit};
}

struct Parts {
  explicit Parts(const Platform& on)
      : sniffer(on.config.section<FilesConfig>().sniff_threads,
                on.config.section<FilesConfig>().sniff_queue),
        studio(options_of(on.config.section<PicturesConfig>())),
        links(auth::sealing_keys(on.config.section<auth::AuthConfig>())),
        clamd(clamd_of(on.config.section<FilesConfig>())),
        files({on.db, on.jobs, on.hub, on.services.need<auth::Entrance>(), on.storage, sniffer,
               studio, links, clamd ? &*clamd : nullptr},
              on.config.section<FilesConfig>(), on.config.section<PicturesConfig>()) {}

  sniff::Sniffer sniffer;
  pictures::Studio studio;
  FileLinks links;
  std::optional<Clamd> clamd;
  Files files;
};

// Its own, and what the storage says through it.
std::vector<Code> codes() {
  std::vector<Code> all(kCodes.begin(), kCodes.end());
  all.push_back(storage::kStorageUnavailable);
  return all;
}

}  // namespace

Feature feature() {
  return {
      .name = "files",
      .sections = {config::section<FilesConfig, &check>("files"),
                   config::section<PicturesConfig, &check>("pictures")},
      .codes = codes(),
      .make =
          [](const Platform& on) {
            auto parts = std::make_shared<Parts>(on);
            Files& files = parts->files;
            on.services.offer(files);
            on.services.offer(parts->studio);
            Module module;
            module.routes = files_routes(files);
            module.sends = files_sends();
            module.jobs = {
                jobs::handle(kRemoveFile,
                             [&files](RemoveFile job, jobs::Attempt attempt) {
                               return files.remove_file(job, std::move(attempt));
                             }),
                jobs::handle(kRemoveStaged,
                             [&files](RemoveStaged job) { return files.remove_staged(job); }),
                jobs::handle(kRemoveStrays,
                             [&files, after = on.config.s3.abandoned_after](RemoveStrays) {
                               return files.remove_strays(now() - after);
                             }),
                jobs::handle(kExamineFile, [&files](ExamineFile job, jobs::Attempt attempt) {
                  return files.examine(job, std::move(attempt));
                })};
            module.chores = {
                {"swept_files", [&files](pg::Tx& tx, int most) { return files.sweep(tx, most); },
                 files.config().sweep_interval},
                {"swept_staged_files",
                 [&files](pg::Tx& tx, int most) { return files.sweep_staged(tx, most); },
                 files.config().sweep_interval}};
            if (on.config.storage.engine == config::StorageEngine::s3) {
              auto ask = [&jobs = on.jobs](pg::Tx& tx, int) -> std::int64_t {
                jobs.enqueue(tx, kRemoveStrays, RemoveStrays{}, {.key = "all"});
                return 0;
              };
              module.chores.push_back({"stray_uploads", ask, on.config.s3.sweep_interval});
            }
            // What messages and notes have stays with them.
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(store::drop_loose_of(who.user));
            };
            module.exports = {
                people::lines<FileView, &store::export_files, &FileView::id>(on.db, "files.jsonl"),
                [&files](UserId who, std::string at) {
                  return files.export_bytes(who, std::move(at));
                }};
            module.metrics = [parts](Metrics& metrics) {
              parts->sniffer.bind(metrics);
              observe_workers(metrics, parts->studio.pool(), "pictures");
              parts->files.bind(metrics);
            };
            module.check = [parts] { parts->sniffer.check(); };
            module.stop = [parts] {
              parts->sniffer.stop();
              parts->studio.stop();
            };
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::files
