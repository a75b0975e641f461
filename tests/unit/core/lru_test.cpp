#include <stoa/core/lru.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa {
namespace {

TEST(Lru, PushesOutWhatWasUsedLeastRecently) {
  Lru<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  EXPECT_EQ(*map.find("a"), 1);
  map.put("c", 3);
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(*map.find("a"), 1);
  EXPECT_EQ(*map.find("c"), 3);
  EXPECT_EQ(map.size(), 2u);
}

TEST(Lru, PutsInPlaceOfTheOldAndErases) {
  Lru<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  EXPECT_EQ(map.put("a", 7), 7);
  EXPECT_EQ(map.size(), 2u);
  map.erase("a");
  map.erase("never there");
  EXPECT_EQ(map.find("a"), nullptr);
  EXPECT_EQ(map.size(), 1u);
}

}  // namespace
}  // namespace stoa
