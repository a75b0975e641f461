// ClientSession's way of a message: rate, reading, table, who may, its turn, the handler, the answer.
#include "realtime/bearer.hpp"
#include "realtime/client_session.hpp"
#include "realtime/event_scope.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/who_may.hpp>

#include <algorithm>
#include <utility>

#include <boost/system/system_error.hpp>

namespace stoa::realtime {
namespace {

// Messages in a row that could not be read at all before the client is taken for a hostile one.
constexpr std::uint16_t kMaxMalformed = 100;

// When a message that was too large to be afforded may be sent again.
constexpr std::chrono::seconds kRetryUnread{2};

constexpr const char* kIssues = "validationErrors";

struct Credentials {
  Verbatim<1, 8192> token;
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (token))

// Runs when the event has ended in whatever way.
struct InFlight {
  std::uint32_t& count;
  Doorbell& ended;
  InFlight(std::uint32_t& in_flight, Doorbell& bell) : count(in_flight), ended(bell) {}
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() {
    --count;
    ended.ring();
  }
};

// On a socket a payload of the wrong shape is a message that could not be read.
Error as_seen_on_a_socket(const Error& error, const Event* event) {
  if (error.code() != Code::invalid_fields && error.code() != Code::invalid_request) return error;
  if (event == nullptr || !event->paths_from_message || !error.details().contains(kIssues)) {
    return Error(Code::invalid_message, error.message(), error.details());
  }
  Json details = error.details();
  for (Json& issue : details[kIssues]) {
    Json& path = issue["path"];
    path.insert(path.begin(), "payload");
  }
  return Error(Code::invalid_message, std::string(kInvalidFormat), details);
}

// Arguments as the payload: the fields that the row names for them, or the one object that came.
Json payload_of(Json arguments, const Event* event) {
  if (event != nullptr && event->action->takes_anything()) return arguments;
  const bool one_object = arguments.size() == 1 && arguments.front().is_object();
  if (event != nullptr && !event->positional.empty() && !one_object) {
    Json payload = Json::object();
    const auto given = std::min(arguments.size(), event->positional.size());
    for (std::size_t i = 0; i < given; ++i) {
      payload[std::string(event->positional[i])] = std::move(arguments[i]);
    }
    return payload;
  }
  if (arguments.empty() || arguments.front().is_null()) return Json::object();
  if (!arguments.front().is_object()) {
    throw Error(Code::invalid_message, "The event's argument is an object");
  }
  return std::move(arguments.front());
}

bool is_about_the_token(Code code) {
  return code == Code::invalid_token || code == Code::unauthorized || code == Code::suspended;
}

}  // namespace

// The row of a message that may begin, or the reason is on its way to the client.
std::optional<std::size_t> ClientSession::admit(const Incoming& in) {
  const Registry& registry = endpoint_.registry();
  if (in.problem && in.problem->code() == Code::rate_limited) {  // by affords()
    refuse_by_rate(in.id, kRetryUnread);
    return std::nullopt;
  }
  const auto row = in.problem                           ? std::nullopt
                   : in.type == Registry::kAuthenticate ? std::optional(registry.rows().size())
                                                        : registry.find(in.type);
  if (!row) {
    local_.counters.malformed.add();
    refuse(in.id,
           in.problem ? *in.problem : no_such_event(std::string_view(in.type).substr(0, 64)));
    if (++malformed_ >= kMaxMalformed) close(kPolicyViolation);
    return std::nullopt;
  }
  malformed_ = 0;
  if (*row == registry.rows().size()) return row;
  // An endpoint either has guests, or its clients must sign in first.
  const bool needs_sign_in = !endpoint_.guests() || asks_for_sign_in(registry.rows()[*row].who);
  if (!caller_ && needs_sign_in) {
    counters(*row).refused.add();
    refuse(in.id, Error(Code::unauthorized));
    return std::nullopt;
  }
  if (const auto wait = over_limit(registry.rows()[*row].limit)) {
    counters(*row).refused.add();
    local_.counters.rate_limited.add();
    refused_bytes_ += offered_bytes_;
    refuse(in.id, Error(Code::rate_limited).retry_after(*wait));
    return std::nullopt;
  }
  return row;
}

// An event that asks for the account's role is alone whatever its row says: the role is asked for when its turn has come,
// and may have to be read from the database.
bool ClientSession::serial(std::size_t row) const noexcept {
  const auto rows = endpoint_.registry().rows();
  return row >= rows.size() || rows[row].order == Order::serial || asks_for_role(rows[row].who);
}

// False: the arguments do not make a payload, and the client has been told.
bool ClientSession::arrange(Incoming& in, std::size_t row) {
  if (!in.arguments) return true;
  const auto rows = endpoint_.registry().rows();
  const Event* event = row < rows.size() ? &rows[row] : nullptr;
  try {
    if (in.binary && (event == nullptr || !event->action->takes_anything())) {
      throw Error(Code::invalid_message, "This event takes no binary data");
    }
    in.payload = payload_of(std::move(*in.arguments), event);
    return true;
  } catch (const Error& error) {
    counters(row).refused.add();
    refuse(in.id, error);
    return false;
  }
}

bool ClientSession::offer(Incoming in) {
  const bool goes_on = take(std::move(in));
  offered_bytes_ = 0;
  return goes_on && rest_time() < kShortestRest;
}

// False: what came waits its turn.
bool ClientSession::take(Incoming in) {
  local_.counters.messages_in.add();
  const bool is_paid = spend_token(in);
  if (in.ignored || (!is_paid && !is_vital(in.type))) return true;
  const auto row = admit(in);
  if (!row || !arrange(in, *row)) return true;
  Ready ready{*row, std::move(in.payload), std::move(in.id)};
  if (!serial(*row) && in_flight_ < gateway_->config.realtime.max_in_flight) {
    begin_flowing(std::move(ready));
    return true;
  }
  waiting_ = std::make_unique<Ready>(std::move(ready));
  return false;
}

Task<> ClientSession::settle() {
  const auto self = shared_from_this();
  const auto ready = std::move(waiting_);
  if (!ready) co_return co_await rest();
  const bool alone = serial(ready->row);
  const auto room = std::max<std::size_t>(1, gateway_->config.realtime.max_in_flight);
  busy_ = true;
  while (state_ == State::open && in_flight_ >= (alone ? 1 : room)) {
    co_await event_ended_.wait(local_.shard().context.get_executor());
  }
  if (state_ == State::open) {
    Ready event = std::move(*ready);
    if (alone) {
      ++in_flight_;
      co_await run_event(self, std::move(event));
    } else {
      begin_flowing(std::move(event));
    }
  }
  busy_ = false;
  heard_ = true;
}

void ClientSession::begin_flowing(Ready ready) {
  ++in_flight_;
  local_.shard().tasks.spawn("event", run_event(shared_from_this(), std::move(ready)));
}

Task<> ClientSession::run_event(std::shared_ptr<ClientSession> self, Ready ready) {
  const InFlight under_way(self->in_flight_, self->event_ended_);
  const auto rows = self->endpoint_.registry().rows();
  const bool signing_in = ready.row == rows.size();
  EventCounters& counters = self->counters(ready.row);
  std::shared_ptr<EventScope> scope;  // for handlers that may have something to do after the answer
  bool well = false;
  try {
    std::string answer;
    if (signing_in) {
      answer = co_await authenticate(self, std::move(ready.payload));
    } else {
      if (asks_for_role(rows[ready.row].who)) {
        Caller caller = *self->caller_;
        co_await require_admin(*self->gateway_->authenticator, std::move(caller));
      }
      const Action& action = rows[ready.row].action;
      if (!action->needs_caller()) scope = std::make_shared<EventScope>(self);
      SessionPtr session = scope ? SessionPtr(scope) : SessionPtr(self);
      answer = co_await action->invoke(std::move(session), ready.payload);
    }
    counters.ok.add();
    well = true;
    if (!signing_in && rows[ready.row].limit == Limit::read) {
      self->gateway_->limiter.draw_bytes(Limit::read, self->key_, answer.size(), Clock::now());
    }
    const bool wanted = signing_in || !ready.id.empty();
    if (wanted && self->open()) self->push(self->codec_->encode_ack(ready.id, answer));
  } catch (const Error& error) {
    counters.refused.add();
    if (!signing_in && net::RateLimiter::counts_refusals(rows[ready.row].limit)) {
      self->gateway_->limiter.count(rows[ready.row].limit, self->key_, Clock::now());
    }
    self->refuse(ready.id, as_seen_on_a_socket(error, signing_in ? nullptr : &rows[ready.row]));
    const bool still_nobody = !self->caller_ && !self->endpoint_.guests();
    if (signing_in && still_nobody && is_about_the_token(error.code())) self->close(kUnauthorized);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    counters.failed.add();
    self->failed(ready, error);
  } catch (const std::exception& error) {
    counters.failed.add();
    self->failed(ready, error);
  }
  if (!well && self->serial(ready.row)) self->undo_holds();
  if (scope) scope->answered(well);
}

void ClientSession::failed(const Ready& ready, const std::exception& error) {
  const auto rows = endpoint_.registry().rows();
  log::error("event_failed",
             {{"type", ready.row < rows.size() ? rows[ready.row].name : Registry::kAuthenticate},
              {"requestId", client().request_id},
              {"reason", error.what()}});
  refuse(ready.id, Error(Code::internal));
}

Task<std::string> ClientSession::authenticate(std::shared_ptr<ClientSession> self,
                                              JsonDocument payload) {
  Credentials in = read<Credentials>(payload.view());
  clear_json(payload);
  std::string token(without_bearer(in.token.value));
  Client client = self->client();
  Authenticator& authenticator = *self->gateway_->authenticator;
  const Admission::Judging judging(self->ticket_);
  Caller caller = co_await authenticator.authenticate(std::move(token), std::move(client));
  if (self->caller_) {
    require_owner(self->caller_->user, caller.user, "This connection belongs to another user");
  }
  std::string answer = "{\"userId\":\"" + caller.user.str() + "\"}";
  if (self->open()) {
    self->ticket_.claim(caller.user);
    self->signed_in(std::move(caller));
    self->schedule(Clock::now());
  }
  co_return answer;
}

}  // namespace stoa::realtime
