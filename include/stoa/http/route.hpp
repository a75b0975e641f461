#pragma once
// The rows of a feature's REST table and what stands behind them.
//
//   http::Routes rooms_routes(Rooms& rooms) {
//     using enum http::Method;
//     using http::endpoint;
//     return {
//         {get,  "/api/rooms", Who::anyone,    Limit::read,  "Rooms one may see", endpoint<&Rooms::list>(rooms)},
//         {post, "/api/rooms", Who::signed_in, Limit::write, "Open a room",       endpoint<&Rooms::create, 201>(rooms)},
//     };
//   }
//
// endpoint<>() takes a handler `Task<Out> f(Service&, Caller|Creator|Visitor|Client|const http::Request*, In)` or
// the member of a service, `Task<Out> Service::f(Caller|Creator|Visitor|Client, In)`. A Creator brings the request's
// Idempotency-Key, which the handler honours (<stoa/module/once.hpp>). A Visitor is for answers that depend on who asks
// though anyone may: only there is a stranger's token judged. In is a described struct: a
// member named like a {parameter} comes from the path, the others from the query of GET, HEAD and
// DELETE, or else from the JSON body. A member of a service may take another kind of body as its last parameter
// (<stoa/http/body.hpp>): then In comes from path and query, or from path and fields where that is a form
// (<stoa/http/form.hpp>). Out becomes the JSON answer, with 200 or the status that the
// row says; Empty or void are 204; a Response, or a Download (<stoa/http/source.hpp>), goes out as it is.
#include <stoa/core/callable.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/http/body.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/message.hpp>
#include <stoa/http/source.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

// A handler with its types erased. Owned by the router, immutable once the server runs; invoked on
// the shard of the connection.
class EndpointBase {
 public:
  virtual ~EndpointBase() = default;
  // The request outlives the task, and says from then on that its handler has begun. Throws Error and whatever the handler throws.
  virtual Task<Response> invoke(Request& request) const = 0;
  // For the API's description: the status of success, and the schemas of what comes in and goes out, which stay
  // null where there is nothing.
  virtual int status() const noexcept = 0;
  // What its handler takes where a method has a body.
  virtual Body body() const noexcept = 0;
  // Of Body::form.
  virtual FilePart file_part() const noexcept = 0;
  virtual void describe_input(Json& schema, SchemaBook& book) const = 0;
  virtual void describe_output(Json& schema, SchemaBook& book) const = 0;
  virtual bool is_download() const noexcept = 0;
  virtual bool needs_caller() const noexcept = 0;
  // Whether the answer may depend on who asks.
  virtual bool reads_caller() const noexcept = 0;
  virtual bool takes_key() const noexcept = 0;
};
using Endpoint = std::shared_ptr<const EndpointBase>;

// What a row belongs to. Only the API's own have a bearer token read and stand in its description; the
// rows of other protocols that travel over HTTP see to who may themselves.
enum class RouteKind {
  api,      // pages of http.cors_origins may read the answers
  sockets,  // a socket's transport: pages of realtime.origins, with credentials
  open,     // pages of any origin, without credentials
};
inline constexpr std::size_t kRouteKinds = 3;

// What the API's description says of an answer that its handler makes itself, as a Response.
enum class Made {
  values,  // it does not: the endpoint's types say it
  text,
  document,         // JSON with a schema of its own
  tagged_document,  // likewise, and clients may ask whether it has changed
};

// What looks at a row's limit, and counts.
enum class CountedBy {
  dispatcher,  // before the body is read
  // The handler, which knows from the body whose the request is. What does not come to it counts for its client.
  handler,
};

// Whom a request names that shows no token of an account, by its path and query alone, as by a link with a mark of ours: it counts
// with all that shows links of that person's (net::RateKey::of_links), and not with what he does himself. Empty: for its address.
// Throws nothing that a request can cause.
using Names = std::function<std::optional<UserId>(const Request&)>;

struct Route {
  Method method;
  std::string_view path;  // a literal: "/api/rooms/{id}/join"
  Who who;
  Limit limit;
  std::string_view summary;
  Endpoint endpoint;
  RouteKind kind = RouteKind::api;
  // Bytes of a body; 0: http.max_body_bytes, or http.max_stranger_body_bytes where anyone may call.
  std::uint64_t max_body = 0;
  Made made = Made::values;
  CountedBy counted_by = CountedBy::dispatcher;
  Names names = {};
};
inline Route counted_by_handler(Route route) {
  route.counted_by = CountedBy::handler;
  return route;
}
inline Route counted_for(Names names, Route route) {
  route.names = std::move(names);
  return route;
}
using Routes = std::vector<Route>;

// What requests to the row bring along.
Body body_of(const Route& route) noexcept;

// Gathers path parameters, then query, body or fields of the form, as one JSON object and has it read into `out`. `body`:
// what the handler takes. Throws Error{invalid_request | invalid_fields}.
using ReadInput = void (*)(const Json& json, void* out, Issues& issues);
void read_input(const Request& request, Body body, ReadInput read, void* out);

template <class T>
inline constexpr bool kIsBody =
    std::is_same_v<T, WholeBody> || std::is_same_v<T, Bytes> || FileOf<T>::value;

template <auto F, int Status, class Service>
class TypedEndpoint final : public EndpointBase {
  using Parts = Handler<decltype(F)>;
  using Context = typename Parts::Context;
  using Out = typename Parts::Answer;
  // The described struct, and the body where that is not it.
  static constexpr bool kBodyAlone = kIsBody<typename Parts::In>;
  using In = std::conditional_t<kBodyAlone, Empty, typename Parts::In>;
  using Content = std::conditional_t<kBodyAlone, typename Parts::In, typename Parts::More>;
  static constexpr bool kIsForm = FileOf<Content>::value;
  static_assert(kIsBody<Content> || std::is_same_v<Content, Empty>,
                "a handler's third parameter is a body");

  static constexpr bool kRaw = std::is_base_of_v<Response, Out>;
  static constexpr bool kNothing = std::is_same_v<Out, Empty>;
  static constexpr int kStatus = kNothing ? 204 : Status;
  static constexpr std::size_t kUsualAnswer = 1023;  // bytes
  // Nothing is left to compare of a body that has flowed by. Of a form the fields are, and the handler sees to the file.
  static_assert(!std::is_same_v<Context, Creator> || std::is_same_v<Content, Empty> || kIsForm,
                "a repeatable request has a JSON body or is a form");
  static_assert(Status == 200 || (!kRaw && !kNothing),
                "only an answer with a body has another status");

 public:
  explicit TypedEndpoint(Service& service) : service_(service) {}

  Task<Response> invoke(Request& request) const override {
    static_assert(Parts::kIsTask, "a REST handler answers a Task");
    In in = parse(request);
    Context context = make_context(request);
    request.begun = true;
    if constexpr (Parts::kReturnsVoid) {
      co_await call(request, std::move(context), std::move(in));
      co_return Response::empty();
    } else {
      Out out = co_await call(request, std::move(context), std::move(in));
      co_return answer(std::move(out));
    }
  }

  Body body() const noexcept override {
    if constexpr (std::is_same_v<Content, WholeBody>) return Body::whole;
    if constexpr (std::is_same_v<Content, Bytes>) return Body::bytes;
    if constexpr (kIsForm) return Body::form;
    return std::is_same_v<In, Empty> ? Body::none : Body::json;
  }
  FilePart file_part() const noexcept override { return FileOf<Content>::kPart; }
  int status() const noexcept override { return kStatus; }
  void describe_input([[maybe_unused]] Json& schema,
                      [[maybe_unused]] SchemaBook& book) const override {
    if constexpr (!std::is_same_v<In, Empty>) book.add<In>(schema);
  }
  void describe_output([[maybe_unused]] Json& schema,
                       [[maybe_unused]] SchemaBook& book) const override {
    if constexpr (!kRaw && !kNothing) book.add<Out>(schema);
  }

  bool is_download() const noexcept override { return std::is_same_v<Out, Download>; }
  bool needs_caller() const noexcept override { return std::is_base_of_v<Caller, Context>; }
  bool reads_caller() const noexcept override {
    return needs_caller() || std::is_same_v<Context, Visitor>;
  }
  bool takes_key() const noexcept override { return std::is_same_v<Context, Creator>; }

 private:
  In parse(const Request& request) const {
    In in{};
    if constexpr (kIsForm || !std::is_same_v<In, Empty>) {
      const ReadInput read = [](const Json& json, void* out, Issues& issues) {
        Binding<In>::read(json, *static_cast<In*>(out), issues);
      };
      read_input(request, body(), read, &in);
    }
    return in;
  }

  auto call(const Request& request, Context context, In in) const {
    if constexpr (kBodyAlone) {
      return Parts::call(F, service_, std::move(context), content_of(request));
    } else if constexpr (kIsBody<Content>) {
      return Parts::call(F, service_, std::move(context), std::move(in), content_of(request));
    } else {
      return Parts::call(F, service_, std::move(context), std::move(in));
    }
  }

  static Content content_of(const Request& request) {
    if constexpr (std::is_same_v<Content, Bytes>) {
      return Bytes(*request.stream);
    } else if constexpr (kIsForm) {
      return file_of<Content>(*request.form);
    } else {
      return WholeBody{request.body};
    }
  }

  static Context make_context(const Request& request) {
    if constexpr (std::is_base_of_v<Caller, Context>) {
      if (!request.caller) throw Error(Code::unauthorized);
      if constexpr (std::is_same_v<Context, Creator>) {
        return Creator{*request.caller, request.key};
      } else {
        return *request.caller;
      }
    } else if constexpr (std::is_same_v<Context, Visitor>) {
      return Visitor{request.client, request.caller};
    } else if constexpr (std::is_same_v<Context, Client>) {
      return request.client;
    } else {
      static_assert(std::is_same_v<Context, const Request*>,
                    "a handler's context is Caller, Creator, Visitor, Client or const Request*");
      return &request;
    }
  }

  static Response answer(Out out) {
    if constexpr (kRaw) {
      return out;
    } else if constexpr (kNothing) {
      return Response::empty();
    } else {
      std::string body;
      body.reserve(kUsualAnswer);  // grown from nothing it would be copied some six times
      write_to(body, out);
      return Response::json(kStatus, std::move(body));
    }
  }

  Service& service_;
};

// `Status`: of success, where it is not 200. The service must outlive the router.
template <auto F, int Status = 200, class Service>
Endpoint endpoint(Service& service) {
  return std::make_shared<TypedEndpoint<F, Status, Service>>(service);
}

}  // namespace stoa::http
