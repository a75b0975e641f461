#pragma once
// The few primitives of OpenSSL that the server uses, with names that say what for. Pure functions, safe
// on any thread; they throw std::runtime_error when OpenSSL itself fails.
#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::identity {

// Of the operating system's seeded CSPRNG.
std::string random_bytes(std::size_t count);

// Takes the same time wherever the two differ. Different lengths are told apart at once.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

std::string sha256(std::string_view bytes);
// The same of what comes piece by piece. For one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  std::string finish();  // once

 private:
  void* state_;
};

// What RFC 4226 makes its codes with. Nothing new is made with SHA-1.
std::string hmac_sha1(std::string_view key, std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
std::string hmac_sha384(std::string_view key, std::string_view bytes);

// The credential of a TURN user (draft-uberti-behave-turn-rest-00): base64(HMAC-SHA1(secret, username)).
// SHA-1 is what TURN servers check.
std::string turn_credential(std::string_view secret, std::string_view username);

}  // namespace stoa::identity
