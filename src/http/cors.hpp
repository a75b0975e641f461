#pragma once
// Cross-origin requests (the Fetch standard) by configuration: exact origins, or "*" for any without
// credentials. Immutable, safe on any thread.
#include <stoa/http/message.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins);

  static bool is_preflight(const Request& request) noexcept;
  // `allowed`: the methods of the path. An origin that is not allowed learns nothing.
  Response preflight(const Request& request, std::string_view allowed) const;
  // Adds what a browser needs to hand the answer to the page.
  void decorate(const Request& request, Response& response) const;

 private:
  enum class Verdict { refused, exact, any };
  Verdict judge(const Request& request) const noexcept;
  void allow(const Request& request, Verdict verdict, Response& response) const;

  std::vector<std::string> origins_;
  bool any_ = false;
};

}  // namespace stoa::http
