#include <stoa/phone/phone_number.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa::phone {
namespace {

std::string kept(std::string_view text) {
  const auto number = PhoneNumber::parse(text);
  return number ? number->value : "none";
}

TEST(PhoneNumber, IsOneHoweverItIsWritten) {
  for (const char* text : {"+4915123456789", "+49 151 23456789", "+49-151-2345.6789",
                           "+49 (151) 2345 6789", "+49/151/23456789", " +4915123456789 "}) {
    EXPECT_EQ(kept(text), "+4915123456789") << text;
  }
}

TEST(PhoneNumber, HasItsCountryAndSevenToFifteenDigits) {
  EXPECT_EQ(kept("+1234567"), "+1234567");
  EXPECT_EQ(kept("+123456789012345"), "+123456789012345");
  for (const char* text :
       {"", "+", "+123456", "+1234567890123456", "015123456789", "004915123456789", "+0491512345",
        "+49 (0)151 23456789", "+49151CALLME", "++4915123456789", "+49151+23456789",
        "+49151234567\n89", "+49 151 23456789 ext. 2"}) {
    EXPECT_EQ(kept(text), "none") << text;
  }
  EXPECT_EQ(kept("+4915123456789" + std::string(40, ' ')), "none");
  EXPECT_EQ(kept(std::string_view("+49151\0"
                                  "23456789",
                                  15)),
            "none");
}

TEST(PhoneNumber, BeginsWithAPlusAndDigits) {
  for (const char* text : {"+1", "+49", "+1876", "+123456789012345"}) EXPECT_TRUE(is_prefix(text));
  for (const char* text : {"", "+", "49", "+0", "+4 9", "+1234567890123456", "+x"}) {
    EXPECT_FALSE(is_prefix(text)) << text;
  }
}

}  // namespace
}  // namespace stoa::phone
