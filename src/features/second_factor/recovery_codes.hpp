#pragma once
// Recovery codes: 80 random bits as "ABCD-EFGH-IJKL-MNOP". What is kept is an HMAC-SHA-256 with the person's own secret, which
// the database has sealed alone: so a reader of it learns nothing, and codes outlive a change of the sealing keys. Pure functions.
#include <string>
#include <string_view>

namespace stoa::second_factor {

std::string make_recovery_code();
// As it is hashed: upper case, without blanks and dashes, which people type or leave out.
std::string plain_code(std::string_view typed);
std::string hash_recovery_code(std::string_view secret, std::string_view typed);

}  // namespace stoa::second_factor
