#include "http/aliases.hpp"

#include <gtest/gtest.h>

namespace stoa::http::test {
namespace {

TEST(PathAliases, LeadThePathAndLeaveTheRest) {
  const PathAliases aliases({{"/signal", "/ws"},
                             {"/", "/ws"},
                             {"/peer/*", "/peerjs/*"},
                             {"/peer/deep/*", "/*"},
                             {"/peer/exact", "/healthz"}});
  const std::pair<const char*, const char*> cases[] = {
      {"/signal", "/ws"},
      {"/signal/", "/ws"},
      {"/signal?token=/signal", "/ws?token=/signal"},
      {"/signals", "/signals"},
      {"/signal/x", "/signal/x"},
      {"/", "/ws"},
      {"/?a=b", "/ws?a=b"},
      {"/peer", "/peerjs"},
      {"/peer/", "/peerjs/"},
      {"/peer/peerjs/id?key=peerjs", "/peerjs/peerjs/id?key=peerjs"},
      {"/peer/exact", "/healthz"},
      {"/peer/deep", "/"},
      {"/peer/deep/api/rooms", "/api/rooms"},
      {"/peers", "/peers"},
      {"/ws", "/ws"},
      {"*", "*"},
      {"http://a.example/signal", "http://a.example/signal"},
      {"", ""},
  };
  for (const auto& [from, to] : cases) EXPECT_EQ(aliases.resolve(from), to) << from;
}

TEST(PathAliases, OneForEveryPath) {
  const PathAliases aliases(std::map<std::string, std::string>{{"/*", "/peerjs/*"}});
  EXPECT_EQ(aliases.resolve("/"), "/peerjs/");
  EXPECT_EQ(aliases.resolve("/key/id"), "/peerjs/key/id");
  EXPECT_EQ(PathAliases(std::map<std::string, std::string>()).resolve("/x?y"), "/x?y");
}

}  // namespace
}  // namespace stoa::http::test
