#pragma once
// What the routes of telephone numbers take and answer, and what is left to do after one.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/jobs/job.hpp>
#include <stoa/phone/phone_number.hpp>
#include <stoa/users/values.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace stoa::phone {

// As people type them: with blanks between groups, or without.
using TypedCode = Text<4, 20>;

struct CodeAccepted {};
BOOST_DESCRIBE_STRUCT(CodeAccepted, (), ())

struct CodeWanted {
  PhoneNumber phone;
};
BOOST_DESCRIBE_STRUCT(CodeWanted, (), (phone))

struct PhoneEntry {
  PhoneNumber phone;
  TypedCode code;
  // Of a new account.
  std::optional<Label<1, 100>> full_name;
  std::optional<users::Locale> locale;
};
BOOST_DESCRIBE_STRUCT(PhoneEntry, (), (phone, code, full_name, locale))

struct OwnPhone {
  PhoneNumber phone;
  TypedCode code;
};
BOOST_DESCRIBE_STRUCT(OwnPhone, (), (phone, code))

struct PhoneStanding {
  std::optional<std::string> phone;
  std::optional<Timestamp> confirmed_at;
};
BOOST_DESCRIBE_STRUCT(PhoneStanding, (), (phone, confirmed_at))

struct SendPhoneCode {
  std::string phone;
  std::string address;  // of the network: who asked
};
BOOST_DESCRIBE_STRUCT(SendPhoneCode, (), (phone, address))
// Whoever waits for a message for longer asks again.
inline constexpr int kSendAttempts = 3;
inline constexpr jobs::Kind<SendPhoneCode> kSendPhoneCode{
    "send_phone_code",
    {.attempts = kSendAttempts,
     .first_wait = std::chrono::seconds(2),
     .longest_wait = std::chrono::seconds(10)}};

}  // namespace stoa::phone
