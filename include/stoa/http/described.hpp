#pragma once
// What the API's description says of an answer that its handler makes itself, as a Response.
//
//   {get, "/metrics", Who::anyone, Limit::none, "Metrics", described(endpoint<&Service::show>(*this), Made::text)}
#include <stoa/http/route.hpp>

namespace stoa::http {

enum class Made {
  text,
  document,         // JSON with a schema of its own
  tagged_document,  // likewise, and clients may ask whether it has changed
};

Endpoint described(Endpoint endpoint, Made made);

}  // namespace stoa::http
