#pragma once
// The AsyncAPI 3.0 document of the native codec, made from the same tables that are served, so that
// it cannot be out of date. A pure function, called once at the start.
#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/registry.hpp>

#include <span>
#include <string>

namespace stoa::realtime {

struct AsyncApiInfo {
  std::string title;
  std::string version;
  std::string public_url;  // http or https; the document names ws or wss
  std::string path = "/ws";
};

// `codes`: all that a refusal may name.
Json asyncapi(const AsyncApiInfo& about, const Registry& registry, const OutgoingTable& outgoing,
              std::span<const Code> codes);

}  // namespace stoa::realtime
