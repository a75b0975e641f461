#pragma once
// Finds the row that serves a request. Built once from the rows of all features, immutable after,
// so every shard reads the same one. A literal segment wins over a {parameter}.
#include <stoa/http/route.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

class Router {
 public:
  struct Row {
    Route route;
    std::vector<std::string_view> params;  // names of its {parameters}, in order
    Body body = Body::none;                // that it takes
  };
  struct Match {
    const Row* row = nullptr;              // null: nothing is here for the method, see allowed
    std::size_t index = 0;                 // the row's place in rows()
    std::vector<std::string_view> values;  // of the {parameters}, pointing into the path
    std::string allowed;                   // "GET, HEAD, OPTIONS": empty where the path is unknown
  };

  // Throws std::logic_error that names the row: a path that is not a literal of segments and
  // {names}, two rows that one request could mean, a handler that needs a Caller on a row that
  // anyone may call.
  explicit Router(const std::vector<Routes>& tables);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // `path` as Request::path. HEAD finds the row of GET.
  Match find(Method method, std::string_view path) const;
  std::span<const Row> rows() const noexcept { return rows_; }

 private:
  struct Node;
  void add(std::size_t index);

  std::vector<Row> rows_;
  std::unique_ptr<Node> root_;
};

}  // namespace stoa::http
