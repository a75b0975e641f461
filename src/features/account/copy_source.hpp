#pragma once
// The archive of a person as an answer's body, until `ends`: the features' pieces are asked for one after another, as the client reads, so that
// one piece and what was packed of it is all that is held. Nothing of the database is held between two pieces.
#include <stoa/core/worker_pool.hpp>
#include <stoa/http/source.hpp>
#include <stoa/module/people.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace stoa::account {

class ZipWriter;

// Who takes a copy just now. Any thread; shared with the copies that are under way.
class ExportsUnderWay : public std::enable_shared_from_this<ExportsUnderWay> {
 public:
  explicit ExportsUnderWay(std::size_t most) : most_(most) {}

  // Ends when the last copy of it is gone. Throws Error{rate_limited} where the person has one, Error{overloaded} where there
  // are as many as there may be.
  std::shared_ptr<void> begin(UserId user);

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::set<UserId> users_;
};

class CopySource final : public http::Source {
 public:
  // `still`: throws where the sign-in that asked for it has ended, which ends the copy.
  CopySource(UserId user, std::function<Task<>()> still, const people::Parts& people,
             WorkerPool& packing, std::shared_ptr<void> place,
             std::chrono::steady_clock::time_point ends);
  ~CopySource() override;

  std::optional<std::uint64_t> size() const noexcept override { return std::nullopt; }
  // Throws std::runtime_error where it has taken too long: who reads slowly would keep the place from others.
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override;

 private:
  // Appends to what is ready; at the end, nothing.
  Task<> make_more();

  const UserId user_;
  const std::function<Task<>()> still_;
  const people::Parts& people_;
  WorkerPool& packing_;
  const std::shared_ptr<void> place_;
  const std::chrono::steady_clock::time_point ends_;
  const std::shared_ptr<ZipWriter> zip_;
  std::size_t export_ = 0;  // which of them is asked
  std::string at_;          // and where it goes on
  std::string file_;        // whose bytes come
  bool is_done_ = false;
  std::string ready_;
  std::size_t taken_ = 0;  // of that
};

}  // namespace stoa::account
