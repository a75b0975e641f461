#include "http/aliases.hpp"

#include <algorithm>

namespace stoa::http {

PathAliases::PathAliases(const std::map<std::string, std::string>& configured) {
  for (const auto& [from, to] : configured) {
    if (from.ends_with("/*")) {
      below_.push_back({from.substr(0, from.size() - 2), to.substr(0, to.size() - 2)});
    } else {
      exact_.emplace(from, to);
    }
  }
  std::stable_sort(below_.begin(), below_.end(),
                   [](const Alias& a, const Alias& b) { return a.from.size() > b.from.size(); });
}

std::string PathAliases::resolve(std::string_view target) const {
  const auto path = target.substr(0, target.find('?'));
  const auto query = target.substr(path.size());
  if (!path.starts_with('/')) return std::string(target);
  const bool slashed = path.size() > 1 && path.ends_with('/');
  if (const auto known = exact_.find(path.substr(0, path.size() - (slashed ? 1 : 0)));
      known != exact_.end()) {
    return known->second + std::string(query);
  }
  for (const auto& [from, to] : below_) {
    if (!path.starts_with(from)) continue;
    const auto rest = path.substr(from.size());
    if (!rest.empty() && rest.front() != '/') continue;
    std::string out = to;
    out += rest;
    if (out.empty()) out = "/";
    return out.append(query);
  }
  return std::string(target);
}

}  // namespace stoa::http
