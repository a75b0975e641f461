#pragma once
// What features offer one another, found by its type: an interface, or the service itself. Filled while the features
// are made, in their order; read only then, on that one thread.
//
//   on.services.offer<rooms::Membership>(*rooms);                     // in rooms' row
//   auto& rooms = on.services.need<rooms::Membership>();              // in chat's
#include <stoa/core/names.hpp>

#include <stdexcept>
#include <typeindex>
#include <unordered_map>

namespace stoa {

class Services {
 public:
  // `service` outlives all that need it. A second one of a type is a std::logic_error.
  template <class T>
  void offer(T& service) {
    if (!known_.emplace(typeid(T), &service).second) {
      throw std::logic_error("offered twice: " + type_name<T>());
    }
  }
  // Throws std::logic_error where no feature before this one offers it.
  template <class T>
  T& need() const {
    const auto found = known_.find(typeid(T));
    if (found == known_.end()) {
      throw std::logic_error("offered by no feature so far: " + type_name<T>());
    }
    return *static_cast<T*>(found->second);
  }

 private:
  std::unordered_map<std::type_index, void*> known_;
};

}  // namespace stoa
