#include <stoa/realtime/registry.hpp>

namespace stoa::realtime {

Registry::Registry(const std::vector<Events>& tables) {
  for (const Events& table : tables) rows_.insert(rows_.end(), table.begin(), table.end());
  by_name_.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Event& row = rows_[i];
    const std::string name(row.name);
    if (name.empty() || name == kAuthenticate || name == "ack" || name == "error") {
      throw RegistryError("the event name \"" + name + "\" is reserved");
    }
    if (!row.action) throw RegistryError("the event \"" + name + "\" has no handler");
    if (row.who == Who::anyone && row.action->needs_caller()) {
      throw RegistryError("the event \"" + name +
                          "\" is for anyone, but its handler demands a Caller");
    }
    if (!by_name_.emplace(row.name, i).second) {
      throw RegistryError("the event \"" + name + "\" is registered twice");
    }
  }
}

std::optional<std::size_t> Registry::find(std::string_view name) const noexcept {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

}  // namespace stoa::realtime
