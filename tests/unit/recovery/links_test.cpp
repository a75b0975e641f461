// The links in mails.
#include "features/recovery/recovery_links.hpp"

#include <gtest/gtest.h>

namespace stoa::recovery {
namespace {

using namespace std::chrono_literals;

TEST(LinkTo, HasItsTokenBehindTheFragment) {
  EXPECT_EQ(link_to("https://stoa.example", kResetPage, "t-_1"),
            "https://stoa.example/#/reset?token=t-_1");
}

TEST(LinkTo, TakesAnAddressWithSlashesAtItsEnd) {
  EXPECT_EQ(link_to("https://stoa.example/", kVerifyPage, "t"),
            "https://stoa.example/#/verify?token=t");
  EXPECT_EQ(link_to("http://127.0.0.1:3000/stoa//", kVerifyPage, "t"),
            "http://127.0.0.1:3000/stoa/#/verify?token=t");
}

TEST(Lasting, RoundsUpToWholeSeconds) {
  EXPECT_EQ(lasting(codes::kResetPassword, 90s).ttl, 90s);
  EXPECT_EQ(lasting(codes::kResetPassword, 1500ms).ttl, 2s);
  EXPECT_EQ(lasting(codes::kResetPassword, 90s).name, codes::kResetPassword.name);
}

}  // namespace
}  // namespace stoa::recovery
