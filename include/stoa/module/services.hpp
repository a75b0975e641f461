#pragma once
// What features offer one another, found by its type: an interface, or the service itself. Filled while the features
// are made, in their order; read only then, on that one thread.
//
//   on.services.offer<rooms::Membership>(*rooms);                     // in rooms' row
//   auto& rooms = on.services.need<rooms::Membership>();              // in chat's
#include <stdexcept>
#include <string>
#include <typeindex>
#include <unordered_map>

namespace stoa {

class Services {
 public:
  // `service` outlives whoever needs it. A second one of a type is a std::logic_error.
  template <class T>
  void offer(T& service) {
    if (!known_.emplace(typeid(T), &service).second) {
      throw std::logic_error(std::string("offered twice: ") + typeid(T).name());
    }
  }
  // Throws std::logic_error where no feature before this one offers it.
  template <class T>
  T& need() const {
    const auto found = known_.find(typeid(T));
    if (found == known_.end()) {
      throw std::logic_error(std::string("offered by no feature so far: ") + typeid(T).name());
    }
    return *static_cast<T*>(found->second);
  }

 private:
  std::unordered_map<std::type_index, void*> known_;
};

}  // namespace stoa
