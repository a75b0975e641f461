#pragma once
// A server on a free port of the loopback with a few routes of its own, and a client that speaks bytes.
#include "../support/eventually.hpp"

#include <stoa/http/server.hpp>
#include <stoa/http/service.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::http::test {

using stoa::test::eventually;
using stoa::test::kPatience;

// "learner", "mentor" and "admin" are tokens of people with that role, at first.
class FakeAuthenticator final : public Authenticator {
 public:
  FakeAuthenticator();
  Task<Caller> authenticate(std::string token, Client client) override;
  std::optional<Uuid> counted_for(const std::string&) const noexcept override { return {}; }
  Task<Role> role_of(Caller caller) override;
  void set_role(std::string_view token, Role role);

 private:
  struct Person {
    UserId id = UserId::make();
    std::atomic<Role> role = Role::learner;
  };
  std::array<Person, 3> people_;
};

struct Note {
  std::string text;
  BOOST_DESCRIBE_CLASS(Note, (), (text), (), ())
};
struct NewNote {
  Uuid room;
  Text<1, 20> text;
  BOOST_DESCRIBE_CLASS(NewNote, (), (room, text), (), ())
};
struct NoteQuery {
  std::optional<Text<1, 20>> q;
  Or<Bounded<int, 1, 100>, 20> limit;
  BOOST_DESCRIBE_CLASS(NoteQuery, (), (q, limit), (), ())
};

struct FilmQuery {
  Or<Bounded<int, 0, 100'000'000>, 1000> size;
  Or<Bounded<int, 0, 100'000'000>, -1> fails_at;
  BOOST_DESCRIBE_CLASS(FilmQuery, (), (size, fails_at), (), ())
};
struct MeasureQuery {
  Or<Bounded<int, 0, 100'000'000>, 100'000'000> stop_after;
  BOOST_DESCRIBE_CLASS(MeasureQuery, (), (stop_after), (), ())
};

// Byte number n of the film, so that any part of it can be checked.
char film_byte(std::uint64_t n);

class Notes {
 public:
  Task<Note> list(Visitor visitor, NoteQuery query);
  Task<Note> create(Creator creator, NewNote note);  // says which key it was given
  Task<> clear(Caller caller);
  Task<> ping(Caller caller);
  // How many bytes came, and how many of the longest piece; fails once so many have come.
  Task<Note> measure(Visitor visitor, MeasureQuery query, Bytes body);
  Task<Note> attach(Caller caller, NewNote note, FormFile file);
  Task<Note> picture(Caller caller, std::optional<FormFileAs<"picture">> picture);
  Task<Download> film(Visitor visitor, FilmQuery query);  // has a size and a tag
  Task<Download> live(Visitor visitor, FilmQuery query);  // has none
  Task<Note> large(Visitor visitor);
  Task<Note> fail(Visitor visitor);
  Task<Note> slow(Visitor visitor);  // ends when release is set
  Task<Note> count_echoes(Visitor visitor);
  Task<Note> greeting(Client client);
  Task<Note> renew(Client client, NewNote note);
  Task<Response> echo(const Request* request, WholeBody body);

  std::atomic<int> created{0}, echoed{0};
  std::atomic<bool> release{false};
};
Routes notes_routes(Notes& notes);

struct Answer {
  int status = 0;
  std::string head, body;
  std::string header(std::string_view name) const;  // empty when absent
};

// A part of a form whose boundary is "b".
std::string form_part(std::string_view disposition, std::string_view content);

// Of an error: its wire code.
std::string code_of(const Answer& answer);

// A blocking socket whose reads end when the test's patience does.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  // The next answer; empty when the connection has ended before one was whole.
  std::optional<Answer> read_answer(bool head_only = false);
  // True when the server closes and sends nothing more.
  bool closed();
  // The same, as far as has come by now.
  bool has_ended();
  std::string read_all();
  Answer get(std::string_view target, std::string_view headers = {});
  Answer send_json(std::string_view method, std::string_view target, std::string_view body,
                   std::string_view headers = {});

 private:
  bool readable();
  bool read_more();
  int socket_;
  std::string input_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest();
  ~ServerTest() override;
  // Builds and starts the server with what config says by then.
  void start();
  std::uint16_t port() const { return bound_.at(0).port; }

  Config config;
  Metrics metrics;
  FakeAuthenticator authenticator;
  Notes notes;
  ServerExtras extras;
  std::unique_ptr<net::Runtime> runtime;
  std::unique_ptr<net::RateLimiter> limiter;
  std::unique_ptr<Service> service;
  std::unique_ptr<Server> server;

 private:
  std::vector<net::BoundEndpoint> bound_;
};

// With a server and a client that are there once they are asked for.
class OneClientTest : public ServerTest {
 protected:
  RawClient& client();

 private:
  std::optional<RawClient> client_;
};

}  // namespace stoa::http::test
