#pragma once
// Accounts as an operator names them.
#include <stoa/core/values.hpp>

#include <string>

namespace stoa::app {

// An address that an operator gave, as accounts have it; what is none stays as it is.
inline std::string as_kept(const std::string& address) {
  return Email::parse(address).value_or(Email{address}).value;
}

}  // namespace stoa::app
