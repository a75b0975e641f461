#include <stoa/http/router.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace stoa::http {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

[[noreturn]] void wrong(const Route& route, const std::string& what) {
  throw std::logic_error("route " + std::string(name(route.method)) + " " +
                         std::string(route.path) + ": " + what);
}

bool is_literal(std::string_view segment) noexcept {
  return !segment.empty() && std::all_of(segment.begin(), segment.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// The next segment; `rest` begins with its slash and ends up behind it.
std::string_view take_segment(std::string_view& rest) noexcept {
  rest.remove_prefix(1);
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

}  // namespace

// A segment's place in the tree of all paths.
struct Router::Node {
  // So few that looking at each is quicker than a tree: most differ in their length.
  std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter;
  std::array<std::size_t, kMethods> rows;  // by method; kNone where there is none

  Node() { rows.fill(kNone); }

  Node* literal(std::string_view segment) const noexcept {
    for (const auto& [text, node] : literals) {
      if (text == segment) return node.get();
    }
    return nullptr;
  }

  std::size_t row_for(Method method) const noexcept {
    const auto own = rows[static_cast<std::size_t>(method)];
    return own == kNone && method == Method::head ? rows[static_cast<std::size_t>(Method::get)]
                                                  : own;
  }

  // Depth first, literals before the parameter, so that a row is found wherever one fits. Rows of other
  // methods are gathered on the way.
  std::size_t find(Method method, std::string_view rest, std::vector<std::string_view>& values,
                   std::array<bool, kMethods>& others) const {
    if (rest.empty()) {
      for (std::size_t i = 0; i < kMethods; ++i) others[i] = others[i] || rows[i] != kNone;
      return row_for(method);
    }
    const auto segment = take_segment(rest);
    if (const Node* const next = literal(segment)) {
      const auto found = next->find(method, rest, values, others);
      if (found != kNone) return found;
    }
    if (!parameter) return kNone;
    values.push_back(segment);
    const auto found = parameter->find(method, rest, values, others);
    if (found == kNone) values.pop_back();
    return found;
  }
};

Router::Router(const std::vector<Routes>& tables) : root_(std::make_unique<Node>()) {
  for (const auto& table : tables) {
    for (const auto& route : table) {
      rows_.push_back({route, {}, Body::none});
      add(rows_.size() - 1);
    }
  }
}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(std::size_t index) {
  Row& row = rows_[index];
  const Route& route = row.route;
  if (!route.endpoint) wrong(route, "has no handler");
  if (route.who == Who::anyone && route.endpoint->needs_caller()) {
    wrong(route, "anyone may call it, but its handler needs a Caller");
  }
  if (!route.path.starts_with('/')) wrong(route, "does not begin with a slash");
  if (route.method == Method::head || route.method == Method::options) {
    wrong(route, "is answered by the server itself");
  }
  Node* node = root_.get();
  for (std::string_view rest = route.path == "/" ? "" : route.path; !rest.empty();) {
    const auto segment = take_segment(rest);
    if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
      const auto param = segment.substr(1, segment.size() - 2);
      if (!is_literal(param)) wrong(route, "has a parameter that is not a name");
      if (std::find(row.params.begin(), row.params.end(), param) != row.params.end()) {
        wrong(route, "has two parameters of one name");
      }
      row.params.push_back(param);
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
    } else {
      if (!is_literal(segment)) wrong(route, "has a segment that is neither literal nor {name}");
      Node* next = node->literal(segment);
      if (next == nullptr) {
        next = node->literals.emplace_back(segment, std::make_unique<Node>()).second.get();
      }
      node = next;
    }
  }
  auto& place = node->rows[static_cast<std::size_t>(route.method)];
  if (place != kNone) {
    const auto& other = rows_[place].route;
    wrong(route, other.path == route.path
                     ? std::string("stands twice")
                     : "means the same requests as " + std::string(other.path));
  }
  place = index;
  row.body = body_of(route);
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  std::array<bool, kMethods> others{};
  const auto found = root_->find(method, path == "/" ? "" : path, match.values, others);
  if (found != kNone) {
    match.row = &rows_[found];
    match.index = found;
    return match;
  }
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (!others[i]) continue;
    const auto present = static_cast<Method>(i);
    match.allowed.append(name(present)).append(", ");
    if (present == Method::get) match.allowed.append("HEAD, ");
  }
  if (!match.allowed.empty()) match.allowed += "OPTIONS";
  return match;
}

}  // namespace stoa::http
