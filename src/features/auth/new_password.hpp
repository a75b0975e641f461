#pragma once
// What a new password must not be.
#include <initializer_list>
#include <string>
#include <string_view>

namespace stoa::auth {

// Throws Error{invalid_fields}, with `member` as the field's name, for what guessers try first: the commonest, and what stands in
// the account itself.
void refuse_weak(std::string_view member, const std::string& password,
                 std::initializer_list<std::string_view> own_words);

}  // namespace stoa::auth
