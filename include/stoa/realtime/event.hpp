#pragma once
// The rows of a feature's socket table and what stands behind them; one registry for every codec.
//
//   realtime::Events chat_events(Chat& chat) {
//     return {
//         {"send_message", Who::signed_in, Limit::write, Order::flowing, "Say something in a room", realtime::on<&Chat::send>(chat)},
//         {"join_room",    Who::signed_in, Limit::read,  Order::serial,  "Enter a room",            realtime::on<&join_room>(chat)},
//     };
//   }
//
// on<>() takes `Out f(Service&, Caller|SessionPtr, In)` or `Task<Out> ...`, free or a member of the
// service. In is the described payload. Out is the acknowledgement's payload (Empty or void: `{}`).
#include <stoa/core/callable.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/session.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::realtime {

// How an event relates to the others of its connection.
enum class Order {
  serial,   // alone: begins when those before it are done, and those after it wait
  flowing,  // begins in order but does not hold up the next, so that sends share a commit
};

// A handler with its types erased; immutable, invoked on the session's shard.
class ActionBase {
 public:
  virtual ~ActionBase() = default;
  // Answers the acknowledgement's payload as finished JSON. Throws Error{invalid_fields} and whatever the
  // handler throws. The payload outlives the task; it is null once it was read, since a document is many times as large
  // as what is read from it, and the handler may wait for long.
  virtual Task<std::string> invoke(SessionPtr session, JsonDocument& payload) const = 0;
  virtual bool needs_caller() const noexcept = 0;
  // Its payload may be any JSON; where a protocol has arguments it is all of them, binary ones too.
  virtual bool takes_anything() const noexcept = 0;
  virtual void describe_input(Json& schema, SchemaBook& book) const = 0;
  virtual void describe_output(Json& schema, SchemaBook& book) const = 0;
};
using Action = std::shared_ptr<const ActionBase>;

// All events of a socket count against one pace, its endpoint's, and those of all sockets of a person, or of the guests of
// an address, against one budget (rate_limits.events, guest_events; a guest's has guest_socket_events before). `limit` is for what costs more than that: it is
// counted with the requests that have the same one. What comes often and costs little (drawing, signaling, typing) has none.
struct Event {
  std::string_view name;
  Who who;
  Limit limit;
  Order order;
  std::string_view summary;
  Action action;
  // The payload's fields in the order in which a protocol with arguments (Socket.IO) may give them instead
  // of the payload.
  std::vector<std::string_view> positional = {};
  // Whether its bad fields are told with their way from the outside of the message, ["payload", ...], and the message of
  // the error is the same for all: so it is for clients that were written against a server that did so.
  bool paths_from_message = false;
  // Whether it is done also where it is beyond the rate, which is told all the same: it says no more than that its client is
  // there, and costs as little as its refusal.
  bool vital = false;
};
using Events = std::vector<Event>;

// Runs when a session has ended, on its shard: after the last of its events, before its subscriptions are
// dropped. What it throws is logged.
struct SessionObserver {
  virtual ~SessionObserver() = default;
  virtual void session_ended(Session& session) = 0;
  // A client that had lost its connection is back, with a new session, for what the old one was subscribed to.
  // Subscribes it again to those topics that are this observer's and that the caller still may hear. The session
  // hears nothing meanwhile; what it missed on them it gets once all observers are done.
  virtual Task<> session_resumed(SessionPtr, std::vector<Topic>) { co_return; }
};

template <auto F, class Service>
class TypedAction final : public ActionBase {
  using Parts = Handler<decltype(F)>;
  using Context = typename Parts::Context;
  using In = typename Parts::In;
  using Out = typename Parts::Answer;

 public:
  explicit TypedAction(Service& service) : service_(service) {}

  Task<std::string> invoke(SessionPtr session, JsonDocument& payload) const override {
    if constexpr (Parts::kIsTask && Parts::kReturnsVoid) {
      co_await call(session, payload);
      co_return "{}";
    } else if constexpr (Parts::kIsTask) {
      Out out = co_await call(session, payload);
      co_return write(std::move(out));
    } else if constexpr (Parts::kReturnsVoid) {
      call(session, payload);
      co_return "{}";
    } else {
      co_return write(call(session, payload));
    }
  }

  bool needs_caller() const noexcept override { return std::is_same_v<Context, Caller>; }
  bool takes_anything() const noexcept override { return std::is_same_v<In, Json>; }
  void describe_input(Json& schema, SchemaBook& book) const override { book.add<In>(schema); }
  void describe_output(Json& schema, SchemaBook& book) const override { book.add<Out>(schema); }

 private:
  // What is read stays out of the coroutine's frame: thousands of them wait at a time.
  auto call(const SessionPtr& session, JsonDocument& payload) const {
    In in = read<In>(view_of(payload));
    clear_json(payload);
    return Parts::call(F, service_, make_context(session), std::move(in));
  }
  static Context make_context(const SessionPtr& session) {
    if constexpr (std::is_same_v<Context, Caller>) {
      if (!session->caller()) throw Error(Code::unauthorized);
      return *session->caller();
    } else {
      static_assert(std::is_same_v<Context, SessionPtr>,
                    "a handler's context is Caller or SessionPtr");
      return session;
    }
  }

  Service& service_;
};

// The service must outlive the registry.
template <auto F, class Service>
Action on(Service& service) {
  return std::make_shared<TypedAction<F, Service>>(service);
}

}  // namespace stoa::realtime
