#pragma once
// Twilio Verify, version 2 of its API: it makes codes, sends them as messages and checks them, by the number. Immutable, any shard.
//
// What its documentation and others' bugs say: a wrong code is 200 with the status "pending", and only "approved" is right; after an
// approval, its expiry or too many attempts a check is 404 (20404) all alike; 60202 and 60203 are 429.
#include <stoa/core/task.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/phone/phone_config.hpp>
#include <stoa/phone/phone_number.hpp>

#include <string>

namespace stoa::phone {

enum class Sent { sent, limited, refused };
enum class Judgement { right, wrong, gone, limited };

class Twilio {
 public:
  Twilio(fetch::Client client, const PhoneConfig& config);

  // Has it send a code. Throws what may pass: std::exception.
  Task<Sent> send(PhoneNumber phone) const;
  // Throws Error{PHONE_UNAVAILABLE}.
  Task<Judgement> check(PhoneNumber phone, std::string code) const;

 private:
  fetch::Request request(const std::string& what, std::string body) const;

  const fetch::Client client_;
  const std::string base_;
  const std::string authorization_;
  const Duration time_limit_;
};

}  // namespace stoa::phone
