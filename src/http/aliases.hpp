#pragma once
// The paths of one listener that mean others ([[listener]] aliases), so that a frontend finds a protocol where it
// expects it. A request is given its canonical target before anything looks at it. An alias ends in "/*" where
// it stands for all below it; an exact one wins over those, and of those the longest. Immutable.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

class PathAliases {
 public:
  // As the configuration's checks have let them pass.
  explicit PathAliases(const std::map<std::string, std::string>& configured);

  // `target` as sent, with its query. Of the forms of RFC 9112 section 3.2 only the origin form has aliases.
  std::string resolve(std::string_view target) const;

 private:
  struct Alias {
    std::string from;  // without "/*": empty where it stands for every path
    std::string to;
  };

  std::map<std::string, std::string, std::less<>> exact_;
  std::vector<Alias> below_;  // the longest first
};

}  // namespace stoa::http
