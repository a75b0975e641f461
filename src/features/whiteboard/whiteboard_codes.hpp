#pragma once
// The error codes of whiteboard.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::whiteboard {

inline constexpr Code kNotOnBoard{"NOT_ON_BOARD", 403, "Join the whiteboard first"};
inline constexpr Code kBoardFull{"BOARD_FULL", 409, "The whiteboard is full"};
inline constexpr Code kTooManyBoards{"TOO_MANY_BOARDS", 409,
                                     "You are on as many whiteboards as you may be; leave one"};

inline constexpr std::array kCodes = {kNotOnBoard, kBoardFull, kTooManyBoards};

}  // namespace stoa::whiteboard
