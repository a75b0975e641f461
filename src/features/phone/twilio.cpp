#include "features/phone/twilio.hpp"

#include "features/phone/phone_codes.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>

namespace stoa::phone {

// What an answer has of what is looked at.
struct TwilioAnswer {
  std::optional<std::string> status;
  std::optional<std::int64_t> code;  // of an error
};
BOOST_DESCRIBE_STRUCT(TwilioAnswer, (), (status, code))

namespace {

constexpr std::size_t kLongestAnswer = 64 * 1024;
constexpr int kTooMany = 429;
constexpr int kNotThere = 404;

TwilioAnswer read_answer(const fetch::Answer& answer) {
  try {
    const Json json = parse_json(answer.body);
    // An error has its HTTP status in the same place as a check its own.
    if (answer.ok()) return read<TwilioAnswer>(json);
    TwilioAnswer error;
    const auto code = json.find("code");
    if (code != json.end() && code->is_number_integer()) error.code = code->get<std::int64_t>();
    return error;
  } catch (const std::exception&) {
    return {};  // of a proxy between, or none of this API
  }
}

// Neither number nor code stands in the log.
void log_refusal(std::string_view what, const fetch::Answer& answer, const TwilioAnswer& read) {
  log::warn("phone_provider_refused",
            {{"what", what}, {"status", answer.status}, {"code", read.code.value_or(0)}});
}

}  // namespace

Twilio::Twilio(fetch::Client client, const PhoneConfig& config)
    : client_(std::move(client)),
      base_(config.url.substr(0, config.url.find_last_not_of('/') + 1) + "/v2/Services/" +
            config.service_sid),
      authorization_(fetch::basic_authorization(config.account_sid, config.auth_token.value)),
      time_limit_(config.time_limit) {}

fetch::Request Twilio::request(const std::string& what, std::string body) const {
  return {.method = fetch::Method::post,
          .url = base_ + what,
          .headers = {{"Authorization", authorization_},
                      {"Content-Type", "application/x-www-form-urlencoded"},
                      {"Accept", "application/json"}},
          .body = std::move(body),
          .time_limit = time_limit_,
          .max_answer_bytes = kLongestAnswer};
}

Task<Sent> Twilio::send(PhoneNumber phone) const {
  auto wanted =
      request("/Verifications", fetch::form_encoded({{"To", phone.value}, {"Channel", "sms"}}));
  const fetch::Answer answer = co_await client_.send(std::move(wanted));
  if (answer.ok()) co_return Sent::sent;
  const TwilioAnswer read = read_answer(answer);
  if (answer.status == kTooMany) co_return Sent::limited;  // 60203 among them
  if (answer.may_pass()) {
    throw std::runtime_error("the provider answered " + std::to_string(answer.status));
  }
  log_refusal("send", answer, read);
  co_return Sent::refused;
}

Task<Judgement> Twilio::check(PhoneNumber phone, std::string code) const {
  auto wanted =
      request("/VerificationCheck", fetch::form_encoded({{"To", phone.value}, {"Code", code}}));
  std::optional<fetch::Answer> answer;
  try {
    answer = co_await client_.send(std::move(wanted));
  } catch (const Error& error) {
    if (error.code() == Code::shutting_down) throw;
  }
  if (!answer) throw Error(kPhoneUnavailable);
  const TwilioAnswer read = read_answer(*answer);
  if (answer->ok()) {
    if (read.status == "approved") co_return Judgement::right;
    co_return read.status == "pending" ? Judgement::wrong : Judgement::gone;
  }
  if (answer->status == kNotThere) co_return Judgement::gone;
  if (answer->status == kTooMany) co_return Judgement::limited;  // 60202 among them
  if (!answer->may_pass()) log_refusal("check", *answer, read);
  throw Error(kPhoneUnavailable);
}

}  // namespace stoa::phone
