// What tells a link that this server has given from one that it has not.
#include "features/recovery/link_marks.hpp"

#include <gtest/gtest.h>

namespace stoa::recovery {
namespace {

const std::vector<identity::TokenKey> kKeys = {{"new", {std::string(32, 'n')}},
                                               {"old", {std::string(32, 'o')}}};

TEST(LinkMarks, KnowWhatAnyOfTheirKeysHasMarked) {
  const LinkMarks marks(kKeys);
  const auto old = LinkMarks(std::span(kKeys).subspan(1)).text("token");
  for (const auto& text : {marks.text("token"), old}) {
    const auto shown = marks.read(text);
    EXPECT_EQ(shown.token, "token");
    EXPECT_TRUE(shown.is_ours);
    EXPECT_EQ(shown.key(), marks.read("token").key());
  }
}

TEST(LinkMarks, LeaveTheTokenOfWhatTheyHaveNotMarked) {
  const LinkMarks marks(kKeys);
  const auto text = marks.text("token");
  const auto of_others = LinkMarks({}).text("token");
  for (const auto& other : {std::string("token"), std::string("token."), text.substr(0, 20),
                            text + "A", text + ".", of_others}) {
    EXPECT_EQ(marks.read(other).token, "token") << other;
    EXPECT_FALSE(marks.read(other).is_ours) << other;
  }
  EXPECT_FALSE(marks.read("another" + text.substr(5)).is_ours);
  EXPECT_FALSE(marks.read("").is_ours);
}

}  // namespace
}  // namespace stoa::recovery
