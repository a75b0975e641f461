#pragma once
// What the routes of recovery take and answer, and what is left to do after one.
#include <stoa/auth/sign_ins.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/jobs/job.hpp>

#include <string>

namespace stoa::recovery {

using LinkToken = Verbatim<1, 200>;

// What was asked for is done later, or not: the answer does not say.
struct Accepted {};
BOOST_DESCRIBE_STRUCT(Accepted, (), ())

struct Forgotten {
  Email email;
};
BOOST_DESCRIBE_STRUCT(Forgotten, (), (email))

struct Reset {
  LinkToken token;
  auth::NewPassword password;
};
BOOST_DESCRIBE_STRUCT(Reset, (), (token, password))

// Nobody is signed in by it.
struct WasReset {
  std::string email;
  std::string device_token;  // for the sign-in that follows
};
BOOST_DESCRIBE_STRUCT(WasReset, (), (email, device_token))

struct Verification {
  LinkToken token;
};
BOOST_DESCRIBE_STRUCT(Verification, (), (token))

struct Verified {
  std::string email;
  bool verified = true;
};
BOOST_DESCRIBE_STRUCT(Verified, (), (email, verified))

// Told to the account's owner alone.
struct Resent {
  bool sent = false;  // false: the address has had its share of mails
};
BOOST_DESCRIBE_STRUCT(Resent, (), (sent))

struct NewAddress {
  Email email;
};
BOOST_DESCRIBE_STRUCT(NewAddress, (), (email))

struct ForgottenPassword {
  std::string email;    // in small letters
  std::string address;  // of the network: who asked
};
BOOST_DESCRIBE_STRUCT(ForgottenPassword, (), (email, address))
inline constexpr jobs::Kind<ForgottenPassword> kForgottenPassword{"forgot_password",
                                                                  {.attempts = 5}};

}  // namespace stoa::recovery
