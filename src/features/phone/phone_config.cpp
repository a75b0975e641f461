#include <stoa/core/config_check.hpp>
#include <stoa/phone/phone_config.hpp>
#include <stoa/phone/phone_number.hpp>

#include <algorithm>

namespace stoa::phone {
namespace {

// "AC" or "VA", and 32 hexadecimal digits.
bool is_sid(const std::string& text, std::string_view kind) {
  return text.size() == 34 && text.starts_with(kind) &&
         text.find_first_not_of("0123456789abcdef", 2) == text.npos;
}

void check_prefixes(std::string_view key, const std::vector<std::string>& list) {
  for (const auto& text : list) {
    if (is_prefix(text)) continue;
    config::refuse(key, "\"" + text + "\" is nothing that numbers begin with, as in \"+49\"");
  }
}

void check_twilio(const PhoneConfig& p) {
  using namespace config;
  if (!is_sid(p.account_sid, "AC")) {
    refuse("phone.account_sid", "is no account's SID as Twilio's console shows it: AC...");
  }
  if (p.auth_token.value.empty()) {
    refuse("phone.auth_token", "is missing: set STOA_PHONE_AUTH_TOKEN");
  }
  if (!is_sid(p.service_sid, "VA")) {
    refuse("phone.service_sid", "is no Verify service's SID as Twilio's console shows it: VA...");
  }
  if (p.countries.empty()) {
    refuse("phone.countries",
           "is empty: name the countries whose numbers get messages, as in [\"+49\"]; whoever "
           "earns by messages to far countries would have them sent there");
  }
  check_origin_patterns("phone.url", {p.url});
}

}  // namespace

void check(const PhoneConfig& p, const Config& all) {
  using namespace config;
  if (p.provider == Provider::twilio) check_twilio(p);
  if (p.provider == Provider::log && !is_for_this_machine(all)) {
    refuse("phone.provider",
           "\"log\" is for a server whose listeners and server.public_url are this machine's");
  }
  check_prefixes("phone.countries", p.countries);
  check_prefixes("phone.refused", p.refused);
  check_time("phone.time_limit", p.time_limit, 1s, 30s);
  check_count("phone.per_address", p.per_address, 100'000);
  check_count("phone.per_block", p.per_block, 100'000);
  check_count("phone.per_country", p.per_country, 10'000'000);
  check_count("phone.in_all", p.in_all, 10'000'000);
  check_time("phone.recycled_after", p.recycled_after, 24h * 30, 24h * 3650);
}

}  // namespace stoa::phone
