#pragma once
// Cross-origin requests (the Fetch standard): which origins may read an answer, and whether with
// credentials. Immutable, safe on any thread.
#include <stoa/core/page_origin.hpp>
#include <stoa/http/message.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

class Cors {
 public:
  // The origins that "*" in `origins` lets in.
  enum class Any {
    without_credentials,    // answered "*"
    named,                  // answered with its own name, without credentials
    named_with_credentials  // for what no cookie opens
  };
  Cors(const std::vector<std::string>& origins, Any any) : origins_(origins), any_(any) {}

  static bool is_preflight(const Request& request) noexcept;
  // `allowed`: the methods of the path. The fields that the page asks for are allowed as it names them. An origin that is
  // not allowed learns nothing.
  Response preflight(const Request& request, std::string_view allowed) const;
  // Adds what a browser needs to hand the answer to the page.
  void decorate(const Request& request, Response& response) const;

 private:
  using Match = OriginList::Match;
  Match judge(const Request& request) const;
  void allow(const Request& request, Match match, Response& response) const;

  OriginList origins_;
  Any any_;
};

}  // namespace stoa::http
