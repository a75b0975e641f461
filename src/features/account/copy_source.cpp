#include "features/account/copy_source.hpp"

#include "features/account/zip_writer.hpp"

#include <stoa/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace stoa::account {

std::shared_ptr<void> ExportsUnderWay::begin(UserId user) {
  const std::lock_guard lock(mutex_);
  if (users_.contains(user)) {
    throw Error(Code::rate_limited, "A copy is under way; wait until it is whole")
        .retry_after(std::chrono::seconds(30));
  }
  if (users_.size() >= most_) throw Error(Code::overloaded);
  users_.insert(user);
  return {nullptr, [self = shared_from_this(), user](void*) {
            const std::lock_guard ends(self->mutex_);
            self->users_.erase(user);
          }};
}

CopySource::CopySource(UserId user, std::function<Task<>()> still, const people::Parts& people,
                       WorkerPool& packing, std::shared_ptr<void> place,
                       std::chrono::steady_clock::time_point ends)
    : user_(user),
      still_(std::move(still)),
      people_(people),
      packing_(packing),
      place_(std::move(place)),
      ends_(ends),
      zip_(std::make_shared<ZipWriter>()) {}

CopySource::~CopySource() = default;

Task<std::string_view> CopySource::read(std::uint64_t, std::size_t most) {
  for (;;) {
    if (std::chrono::steady_clock::now() >= ends_) {
      throw std::runtime_error("read for longer than account.export_time");
    }
    if (taken_ < ready_.size() || is_done_) break;
    co_await make_more();
  }
  const std::string_view piece = std::string_view(ready_).substr(taken_, most);
  taken_ += piece.size();
  co_return piece;
}

Task<> CopySource::make_more() {
  ready_.clear();
  taken_ = 0;
  co_await still_();
  people::Piece piece;
  const bool is_end = export_ == people_.exports.size();
  if (!is_end) {
    std::string at = std::exchange(at_, {});
    piece = co_await people_.exports[export_](user_, std::move(at));
    if (piece.next) {
      at_ = *piece.next;
    } else {
      ++export_;
    }
  }
  const bool begins = !piece.file.empty() && piece.file != file_;
  if (begins) file_ = piece.file;
  // Values and the writer, which the pool's thread may outlive this with.
  auto packing = [zip = zip_, piece = std::move(piece), is_end, begins] {
    if (is_end) {
      zip->finish();
    } else {
      if (begins) zip->begin(piece.file);
      zip->write(piece.bytes);
    }
    return zip->take();
  };
  ready_ = co_await packing_.run_unbounded(std::move(packing));
  is_done_ = is_end;
}

}  // namespace stoa::account
