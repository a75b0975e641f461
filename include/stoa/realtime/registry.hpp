#pragma once
// All features' socket tables as one, looked up for every incoming event. Built once at the start,
// immutable after, so it is read on every shard without locks.
#include <stoa/realtime/event.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stoa::realtime {

// A table that cannot be served; stops the start.
struct RegistryError : std::logic_error {
  using std::logic_error::logic_error;
};

class Registry {
 public:
  // Handled by the session itself on every codec.
  static constexpr std::string_view kAuthenticate = "authenticate";

  // Throws RegistryError for a name that stands twice, a reserved or empty name, a row without a
  // handler, or a row for anyone whose handler demands a Caller.
  explicit Registry(const std::vector<Events>& tables);

  // Its place in rows(), or empty.
  std::optional<std::size_t> find(std::string_view name) const noexcept;
  std::span<const Event> rows() const noexcept { return rows_; }

 private:
  std::vector<Event> rows_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

}  // namespace stoa::realtime
