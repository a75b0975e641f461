#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>

#include <array>

namespace stoa {

std::span<const Code> common_codes() noexcept {
  static constexpr std::array kAll = {
      Code::invalid_request,
      Code::invalid_message,
      Code::invalid_fields,
      Code::unauthorized,
      Code::invalid_token,
      Code::forbidden,
      Code::suspended,
      Code::origin_refused,
      Code::not_found,
      Code::peer_not_found,
      Code::method_not_allowed,
      Code::request_timeout,
      Code::conflict,
      Code::key_reused,
      Code::precondition_failed,
      Code::too_large,
      Code::unsupported_media_type,
      Code::range_not_satisfiable,
      Code::unexpected_body,
      Code::invalid_form,
      Code::rate_limited,
      Code::headers_too_large,
      Code::internal,
      Code::overloaded,
      Code::address_refused,
      Code::upstream_failed,
      Code::upstream_timeout,
      Code::storage_full,
      Code::db_unavailable,
      Code::shutting_down,
  };
  return kAll;
}

Error::Error(Code code, std::string message, const Json& details)
    : code_(code), message_(std::move(message)), details_(std::make_shared<const Json>(details)) {}

const Json& Error::details() const noexcept {
  static const Json kNone = Json::object();
  return details_ ? *details_ : kNone;
}

}  // namespace stoa
