#pragma once
// What stands in the row of a mail that waits.
#include <stoa/core/binding.hpp>
#include <stoa/core/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::mail {

struct Value {
  std::string name, value;
};
BOOST_DESCRIBE_STRUCT(Value, (), (name, value))

struct SealedValues {
  std::vector<Value> values;
};
BOOST_DESCRIBE_STRUCT(SealedValues, (), (values))

struct SendMail {
  std::string template_;
  std::string to;
  std::string locale;
  std::vector<Value> values;
  std::optional<std::string> sealed;  // SealedValues
  std::optional<Timestamp> useless_after;
};
BOOST_DESCRIBE_STRUCT(SendMail, (), (template_, to, locale, values, sealed, useless_after))

}  // namespace stoa::mail
