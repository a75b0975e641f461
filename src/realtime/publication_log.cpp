#include "realtime/publication_log.hpp"

#include <algorithm>
#include <utility>

namespace stoa::realtime {
namespace {

// What an entry costs beside its payloads.
constexpr std::size_t kOverhead = 128;
// A chunk is full with this part of the bytes or the time that the log may have: so much earlier than it must, the log
// forgets.
constexpr std::size_t kPart = 64;
constexpr std::size_t kLeastCapacity = 64;

std::size_t bytes_of(const Batch& batch) {
  std::size_t bytes = kOverhead;
  for (const Publication& one : *batch) bytes += sizeof one + one.payload.size();
  return bytes;
}

}  // namespace

std::uint64_t PublicationLog::bit_of(const Topic& topic) noexcept {
  // Whatever bits of the hash are good ones, the upper six of the product depend on them.
  return std::uint64_t{1} << ((std::hash<Topic>{}(topic) * 0x9e3779b97f4a7c15U) >> 58);
}

std::shared_ptr<const PublicationLog::Chunks> PublicationLog::snapshot() const {
  const std::lock_guard lock(mutex_);
  return chunks_;
}

void PublicationLog::replace(std::shared_ptr<const Chunks> chunks) {
  // What was there before may be let go of here, after this mutex is; the publishers' lock is held all the same.
  const std::lock_guard lock(mutex_);
  chunks_.swap(chunks);
}

// As many entries as a sixteenth of the log has, so that there are few chunks whatever size the batches have.
std::shared_ptr<PublicationLog::Chunk> PublicationLog::make_chunk(std::uint64_t before,
                                                                  Clock::time_point now) const {
  return std::make_shared<Chunk>(before, std::max(kLeastCapacity, entries_ / 16), now);
}

void PublicationLog::begin(std::uint64_t published, Clock::time_point now) {
  if (!begun()) forget(published, now);
}

void PublicationLog::forget(std::uint64_t published, Clock::time_point now) {
  bytes_ = entries_ = 0;
  replace(std::make_shared<const Chunks>(1, make_chunk(published, now)));
  begun_.store(true, std::memory_order_release);
}

bool PublicationLog::is_full(const Chunk& chunk, Clock::time_point now) const {
  const std::size_t size = chunk.size();
  return size == chunk.capacity ||
         (size > 0 && (chunk.bytes >= limits_.recovery_bytes.bytes / kPart ||
                       now - chunk.begun >= limits_.recovery_window / kPart));
}

void PublicationLog::add(const Batch& batch, std::uint64_t first, Clock::time_point now) {
  if (!begun_.load(std::memory_order_relaxed)) return;
  if (is_full(*chunks_->back(), now)) {
    Chunks more = *chunks_;
    more.push_back(make_chunk(first - 1, now));
    replace(std::make_shared<const Chunks>(std::move(more)));
  }
  Chunk& chunk = *chunks_->back();
  const std::size_t at = chunk.filled.load(std::memory_order_relaxed);
  Entry& entry = chunk.entries[at];
  entry.first = first;
  entry.last = first + batch->size() - 1;
  const bool recovers = std::any_of(batch->begin(), batch->end(), [](const Publication& one) {
    return one.topic.kind->recovers;
  });
  if (recovers) {
    entry.batch = batch;
    for (const Publication& one : *batch) entry.topics |= bit_of(one.topic);
  }
  chunk.filled.store(at + 1, std::memory_order_release);
  const std::size_t bytes = recovers ? bytes_of(batch) : kOverhead;
  chunk.bytes += bytes;
  chunk.newest = now;
  bytes_ += bytes;
  ++entries_;
  drop_old(now);
}

void PublicationLog::drop_old(Clock::time_point now) {
  auto first = chunks_->begin();
  while (first != chunks_->end() && (bytes_ > limits_.recovery_bytes.bytes ||
                                     now - (*first)->newest > limits_.recovery_window)) {
    bytes_ -= (*first)->bytes;
    entries_ -= (*first)->size();
    ++first;
  }
  if (first == chunks_->begin()) return;
  Chunks rest(first, chunks_->end());
  if (rest.empty()) {
    const Chunk& last = *chunks_->back();
    rest.push_back(make_chunk(last.last(last.size()), now));
  }
  replace(std::make_shared<const Chunks>(std::move(rest)));
}

std::uint64_t PublicationLog::latest() const {
  if (!begun()) return 0;
  const auto chunks = snapshot();
  const Chunk& last = *chunks->back();
  return last.last(last.size());
}

bool PublicationLog::reaches(std::uint64_t number) const {
  if (!begun()) return false;
  const auto chunks = snapshot();
  const Chunk& last = *chunks->back();
  return number >= chunks->front()->before && number <= last.last(last.size());
}

std::optional<PublicationLog::Missed> PublicationLog::since(std::uint64_t number,
                                                            std::span<const Topic> topics) const {
  if (!begun()) return std::nullopt;
  const auto chunks = snapshot();
  if (number < chunks->front()->before) return std::nullopt;
  std::uint64_t wanted = 0;
  for (const Topic& topic : topics) wanted |= bit_of(topic);
  Missed missed;
  // The chunk before the first one that begins after the number.
  auto chunk = std::upper_bound(chunks->begin(), chunks->end(), number,
                                [](std::uint64_t n, const auto& one) { return n < one->before; });
  for (--chunk; chunk != chunks->end(); ++chunk) {
    // Of the newest it may grow meanwhile; those before it are as full as they get.
    const std::size_t size = (*chunk)->size();
    for (std::size_t i = 0; i < size; ++i) {
      const Entry& entry = (*chunk)->entries[i];
      if ((entry.topics & wanted) == 0) continue;
      for (std::size_t at = 0; at < entry.batch->size(); ++at) {
        const std::uint64_t its = entry.first + at;
        const bool found = its > number && std::find(topics.begin(), topics.end(),
                                                     (*entry.batch)[at].topic) != topics.end();
        if (found) missed.publications.push_back({entry.batch, at, its});
      }
    }
    missed.up_to = (*chunk)->last(size);
  }
  if (number > missed.up_to) return std::nullopt;
  return missed;
}

}  // namespace stoa::realtime
