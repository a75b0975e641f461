#pragma once
// [phone] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

#include <string>
#include <vector>

namespace stoa::phone {

using namespace std::chrono_literals;

enum class Provider {
  off,
  log,  // codes are the server's own and go to its log, for whoever tries it out on his own machine
  twilio,  // Twilio Verify makes, sends and checks them
};
BOOST_DESCRIBE_ENUM(Provider, off, log, twilio)

struct PhoneConfig {
  Provider provider = Provider::off;
  std::string account_sid;
  Secret auth_token;
  std::string service_sid;
  std::string url = "https://verify.twilio.com";
  Duration time_limit = 10s;           // of one call
  std::vector<std::string> countries;  // prefixes of the numbers that get messages: "+49"
  std::vector<std::string> refused;    // and of those among them that get none: "+1876"
  // Messages in codes.per_target_window.
  std::size_t per_address = 100;  // asked for from one address of the network
  std::size_t per_block = 20;     // to numbers that differ in their last three digits
  std::size_t per_country = 300;  // to one of `countries`
  std::size_t in_all = 1000;
  Duration recycled_after =
      180 * 24h;  // without having been confirmed anew: carriers give numbers to others
};
BOOST_DESCRIBE_STRUCT(PhoneConfig, (),
                      (provider, account_sid, auth_token, service_sid, url, time_limit, countries,
                       refused, per_address, per_block, per_country, in_all, recycled_after))

// Throws ConfigError.
void check(const PhoneConfig& phone, const Config& all);

}  // namespace stoa::phone
