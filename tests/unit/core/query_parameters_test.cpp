#include <stoa/core/query_parameters.hpp>

#include <gtest/gtest.h>

namespace stoa {
namespace {

TEST(QueryParameters, AreReadAsTheUrlStandardDoes) {
  const auto all = query_parameters(query_of("/ws?a[0]=x|y&b=c+d%2B&&e&f=%zz%4&a[0]=2&g=h=i"));
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"a[0]", "x|y"}, {"b", "c d+"}, {"e", ""}, {"f", "%zz%4"}, {"a[0]", "2"}, {"g", "h=i"}};
  EXPECT_EQ(all, expected);
  EXPECT_TRUE(query_parameters(query_of("/ws")).empty());
  EXPECT_TRUE(query_parameters(query_of("/ws?")).empty());
}

}  // namespace
}  // namespace stoa
