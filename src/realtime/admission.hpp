#pragma once
// How many sessions there may be: in all, from one address (of IPv6 the /64), of one user. From an address there may be
// many more of those whose user is known than of others: a school is behind one address. Thread-safe. A session keeps its
// Ticket; what it took is given back when the ticket goes.
#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
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
    // Counts the session for the user, and no longer among the guests of its address. Throws Error{rate_limited} over the
    // user's bound.
    void claim(UserId user);

   private:
    friend class Admission;
    Ticket(Admission* from, std::uint64_t address, std::optional<UserId> user)
        : from_(from), address_(address), user_(user) {}
    Admission* from_ = nullptr;
    std::uint64_t address_ = 0;  // net::client_key
    std::optional<UserId> user_;
  };

  // Throws Error{overloaded} over the bound in all, Error{rate_limited} over the address's or the user's. A user who is known
  // takes no place from the guests of the address, nor do they from him.
  Ticket admit(const std::string& address, std::optional<UserId> user = {});

  std::size_t total() const;
  bool wait_until_empty(Duration at_most);

 private:
  struct AtAddress {
    std::size_t all = 0;
    std::size_t guests = 0;  // of them: without a user so far
  };

  void claim(UserId user, const std::optional<UserId>& before, std::uint64_t address);
  void release(std::uint64_t address, const std::optional<UserId>& user);
  void count_up(UserId user);
  void count_down(UserId user);

  const config::Realtime& limits_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t total_ = 0;
  std::unordered_map<std::uint64_t, AtAddress> by_address_;
  std::unordered_map<UserId, std::size_t> by_user_;
};

}  // namespace stoa::realtime
