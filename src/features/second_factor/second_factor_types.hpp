#pragma once
// What the routes of second factors take and answer.
#include <stoa/core/binding.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::second_factor {

// As people type them: with blanks between groups, or without.
using TypedCode = Text<1, 64>;

struct Enrolment {
  std::string secret;  // base32
  std::string uri;     // otpauth://
};
BOOST_DESCRIBE_STRUCT(Enrolment, (), (secret, uri))

struct CodeGiven {
  TypedCode code;
};
BOOST_DESCRIBE_STRUCT(CodeGiven, (), (code))

struct RecoveryCodes {
  std::vector<std::string> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(RecoveryCodes, (), (recovery_codes))

struct Standing {
  bool enabled = false;
  std::int64_t recovery_codes_left = 0;
};
BOOST_DESCRIBE_STRUCT(Standing, (), (enabled, recovery_codes_left))

// One of the two codes.
struct Completion {
  Verbatim<1, 200> challenge;
  std::optional<TypedCode> code;
  std::optional<TypedCode> recovery_code;
};
BOOST_DESCRIBE_STRUCT(Completion, (), (challenge, code, recovery_code))

}  // namespace stoa::second_factor
