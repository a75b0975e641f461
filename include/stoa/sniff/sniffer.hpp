#pragma once
// What a file is, by its bytes: neither its name nor what a client says of it has a part in that. libmagic looks at the first
// MiB; of a ZIP, which many kinds of documents are, the directory at its end decides.
//
//   const std::string type = co_await sniffer.type_of(std::move(head), net::turn_of(user));   // "application/zip"
//   if (sniff::is_zip(type)) ...                                                              // <stoa/sniff/zip.hpp>
//
// Types are told by family: whatever is text is text/plain, since what text is meant for cannot be told from it, and a page of
// HTML is as good as its quotation. A file that is several things at once passes for one of them; so nothing is shown within a
// page for what was found here.
//
// Owned by a feature, any shard. A libmagic cookie belongs to one thread: each of the pool has its own, of some MiB.
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/worker_pool.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa {
class Metrics;
}

namespace stoa::sniff {

// Of a file's beginning so much is looked at.
inline constexpr std::size_t kHead = std::size_t{1} << 20;

inline constexpr std::string_view kText = "text/plain";
inline constexpr std::string_view kZip = "application/zip";
inline constexpr std::string_view kUnknown = "application/octet-stream";

// The family's type of what libmagic calls a file: "text/x-c++" is text/plain, "audio/x-wav" is audio/wav.
std::string family_of(std::string_view magic);
// Whether a ZIP's directory has to be asked.
bool is_zip(std::string_view type);
// "image/png" is one of {"image/*"}, and of {"image/png"}.
template <class Types>
bool is_one_of(std::string_view type, const Types& types) {
  for (const std::string_view one : types) {
    if (one == type) return true;
    if (one.ends_with("*") && type.starts_with(one.substr(0, one.size() - 1))) return true;
  }
  return false;
}

class Sniffer {
 public:
  // `queue`: files that may wait for the threads.
  Sniffer(std::size_t threads, std::size_t queue) : pool_(threads, queue) {}

  // Of at most kHead bytes. Those who ask take turns. Throws Error{overloaded | shutting_down}, and std::runtime_error where
  // libmagic does not work on this machine.
  Task<std::string> type_of(std::string head, TurnKey who);

  // Throws std::runtime_error where libmagic has no database. Blocks.
  void check();
  void bind(Metrics& metrics) const;
  void stop() { pool_.stop(); }

 private:
  WorkerPool pool_;
};

}  // namespace stoa::sniff
