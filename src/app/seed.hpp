#pragma once
// Demo people and rooms for a first look. Harmless when they are there already; never changes what a person
// has changed.
#include <stoa/auth/auth_config.hpp>
#include <stoa/postgres/database.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace stoa::app {

struct DemoPerson {
  std::string_view email;
  std::string_view full_name;
  std::string_view username;
};

std::span<const DemoPerson> demo_people() noexcept;
std::string_view demo_password() noexcept;

// Answers how many people it added.
std::size_t add_demo(pg::Database& db, const auth::AuthConfig& auth);

}  // namespace stoa::app
