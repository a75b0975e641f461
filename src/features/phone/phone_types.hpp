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

// That shows who has asked for a code.
using ShownChallenge = Text<1, 64>;

// `challenge`: to be shown with the code, which others who guess at it then do not use up.
struct CodeAccepted {
  std::string challenge;
};
BOOST_DESCRIBE_STRUCT(CodeAccepted, (), (challenge))

struct CodeWanted {
  PhoneNumber phone;
};
BOOST_DESCRIBE_STRUCT(CodeWanted, (), (phone))

struct PhoneEntry {
  PhoneNumber phone;
  TypedCode code;
  std::optional<ShownChallenge> challenge;
  // Of a new account.
  std::optional<Label<1, 100>> full_name;
  std::optional<users::Locale> locale;
};
BOOST_DESCRIBE_STRUCT(PhoneEntry, (), (phone, code, challenge, full_name, locale))

struct OwnPhone {
  PhoneNumber phone;
  TypedCode code;
  std::optional<ShownChallenge> challenge;
};
BOOST_DESCRIBE_STRUCT(OwnPhone, (), (phone, code, challenge))

struct PhoneStanding {
  std::optional<std::string> phone;
  std::optional<Timestamp> confirmed_at;
};
BOOST_DESCRIBE_STRUCT(PhoneStanding, (), (phone, confirmed_at))

struct SendPhoneCode {
  std::string phone;
  std::string address;         // of the network: who asked
  std::string challenge_hash;  // of what he was answered
};
BOOST_DESCRIBE_STRUCT(SendPhoneCode, (), (phone, address, challenge_hash))
// Whoever waits for a message for longer asks again.
inline constexpr int kSendAttempts = 3;
inline constexpr jobs::Kind<SendPhoneCode> kSendPhoneCode{
    "send_phone_code",
    {.attempts = kSendAttempts,
     .first_wait = std::chrono::seconds(2),
     .longest_wait = std::chrono::seconds(10)}};

}  // namespace stoa::phone
