#pragma once
// What many operations of the OpenAPI document refer to. Pure.
#include <stoa/core/error.hpp>
#include <stoa/core/json_fwd.hpp>

#include <span>
#include <string_view>

namespace stoa::http {

// {"$ref": "#/components/responses/Error"}
Json reference(std::string_view kind, std::string_view what);
// The one shape of errors. `known`: every code that one may have.
Json error_schema(std::span<const Code> known);
Json shared_responses();
Json shared_headers();
Json shared_parameters();

}  // namespace stoa::http
