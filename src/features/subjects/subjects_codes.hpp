#pragma once
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::subjects {

inline constexpr Code kSubjectNameTaken{"SUBJECT_NAME_TAKEN", 409,
                                        "There is a subject of that name already"};

inline constexpr std::array kCodes = {kSubjectNameTaken};

}  // namespace stoa::subjects
