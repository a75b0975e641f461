#pragma once
// What the routes of accounts take and answer.
#include <stoa/auth/entrance.hpp>
#include <stoa/auth/sign_ins.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/users/users.hpp>

#include <optional>
#include <string>

namespace stoa::auth {

using GivenPassword = Verbatim<1, 128>;

enum class ChosenRole { learner, mentor };  // nobody makes himself an administrator
BOOST_DESCRIBE_ENUM(ChosenRole, learner, mentor)

struct Registration {
  Email email;
  NewPassword password;
  Label<1, 100> full_name;
  std::optional<users::Username> username;
  Or<ChosenRole, ChosenRole::learner> role;
  std::optional<users::Locale> locale;  // none: as the server's mails
};
BOOST_DESCRIBE_STRUCT(Registration, (), (email, password, full_name, username, role, locale))

struct Login {
  Email email;
  GivenPassword password;
  // Of an earlier sign-in on this device: wrong passwords that others try elsewhere do not slow it down then.
  std::optional<Verbatim<1, 200>> device_token;
};
BOOST_DESCRIBE_STRUCT(Login, (), (email, password, device_token))

struct Refresh {
  Verbatim<1, 200> refresh_token;
};
BOOST_DESCRIBE_STRUCT(Refresh, (), (refresh_token))

struct SocketTicket {
  std::string ticket;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(SocketTicket, (), (ticket, expires_at))

struct PasswordChange {
  GivenPassword current_password;
  NewPassword new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordChange, (), (current_password, new_password))

struct SessionPath {
  AuthSessionId id;
};
BOOST_DESCRIBE_STRUCT(SessionPath, (), (id))

// A device that is signed in.
struct SessionView {
  AuthSessionId id;
  std::string device;  // as it called itself
  std::string ip;
  Timestamp created_at;
  Timestamp last_used_at;
  Timestamp expires_at;
  bool current = false;
};
BOOST_DESCRIBE_STRUCT(SessionView, (),
                      (id, device, ip, created_at, last_used_at, expires_at, current))

}  // namespace stoa::auth
