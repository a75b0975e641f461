#pragma once
// How many sessions there may be: in all, from one address, of one user. Thread-safe. A session keeps its
// Ticket; what it took is given back when the ticket goes.
#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace stoa::realtime {

class Admission {
 public:
  explicit Admission(const config::Realtime& limits) : limits_(limits) {}

  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();
    explicit operator bool() const noexcept { return from_ != nullptr; }
    // Counts the session for the user too. Throws Error{rate_limited} over the user's bound.
    void claim(UserId user);

   private:
    friend class Admission;
    Ticket(Admission* from, std::string address) : from_(from), address_(std::move(address)) {}
    Admission* from_ = nullptr;
    std::string address_;
    std::optional<UserId> user_;
  };

  // Throws Error{overloaded} over the bound in all, Error{rate_limited} over the address's.
  Ticket admit(const std::string& address);

  std::size_t total() const;
  bool wait_until_empty(Duration at_most);

 private:
  void claim(UserId user);
  void release(const std::string& address, const std::optional<UserId>& user);

  const config::Realtime& limits_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t total_ = 0;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::unordered_map<UserId, std::size_t> by_user_;
};

}  // namespace stoa::realtime
