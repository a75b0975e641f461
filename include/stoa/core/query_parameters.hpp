#pragma once
// The query of an address as the URL standard reads it (application/x-www-form-urlencoded), for the protocols of others: their
// clients send what browsers leave in an address as it is, brackets and bars too. Pure.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa {

// In their order, decoded; a percent sign that encodes nothing stands for itself. Names may come twice, values may be any
// bytes. As many as fit: who calls has bounded the length.
std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query);

// What follows the question mark of a request's target; empty without one.
std::string_view query_of(std::string_view target) noexcept;

}  // namespace stoa
