#include "app/terminal.hpp"

#include <gtest/gtest.h>

namespace stoa::app {
namespace {

TEST(Terminal, ShowsNothingThatATerminalObeysOrThatTurnsALine) {
  EXPECT_EQ(one_line("plain, \u00e4\u00f6 \u4e2d \U0001F600"),
            "plain, \u00e4\u00f6 \u4e2d \U0001F600");
  EXPECT_EQ(one_line("a\x1b[31m\n\x7f"), "a [31m  ");
  EXPECT_EQ(one_line("a\u009b31m"), "a  31m");
  EXPECT_EQ(one_line("\u202e.\u2028.\u2066.\u200f"), "   .   .   .   ");
  EXPECT_EQ(one_line("cut \xe4\xb8"), "cut \xe4\xb8");
}

}  // namespace
}  // namespace stoa::app
