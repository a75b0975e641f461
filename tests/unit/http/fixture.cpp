#include "fixture.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <boost/asio/basic_waitable_timer.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::http::test {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

FakeAuthenticator::FakeAuthenticator() {
  for_each_enum<Role>([this](Role role, std::string_view token) { set_role(token, role); });
}

Task<Caller> FakeAuthenticator::authenticate(std::string token, Client client) {
  const auto role = enum_from<Role>(token);
  if (!role) throw Error(Code::invalid_token);
  co_return Caller{people_[static_cast<std::size_t>(*role)].id,
                   {},
                   std::make_shared<const Client>(std::move(client))};
}

Task<Role> FakeAuthenticator::role_of(Caller caller) {
  for (const Person& person : people_) {
    if (person.id == caller.user) co_return person.role;
  }
  throw Error(Code::invalid_token);
}

void FakeAuthenticator::set_role(std::string_view token, Role role) {
  people_[static_cast<std::size_t>(*enum_from<Role>(token))].role = role;
}

Task<Note> Notes::list(Visitor, NoteQuery query) {
  const std::string q = query.q ? query.q->value : "-";
  const int limit = *query.limit;
  co_return Note{q + ":" + std::to_string(limit)};
}

Task<Note> Notes::create(Creator creator, NewNote note) {
  if (note.text.value == "conflict") throw Error(Code::conflict);
  ++created;
  Note answer{note.text.value + " in " + note.room.str()};
  if (creator.key) {
    answer.text = creator.key->text + " " + creator.key->fingerprint;
    creator.key->replayed = note.text.value == "again";
  }
  co_return answer;
}

Task<> Notes::clear(Caller) {
  co_return;
}

Task<> Notes::ping(Caller) {
  co_return;
}

Task<Note> Notes::measure(Visitor, MeasureQuery query, Bytes body) {
  const auto stop_after = static_cast<std::uint64_t>(*query.stop_after);
  std::uint64_t count = 0;
  std::size_t longest = 0;
  for (;;) {
    const auto piece = co_await body.next();
    if (piece.empty()) break;
    count += piece.size();
    longest = std::max(longest, piece.size());
    if (count >= stop_after) throw Error(Code::conflict);
  }
  co_return Note{std::to_string(count) + " bytes, " +
                 (longest <= 128 * config::kKiB ? "piece by piece" : "at once")};
}

namespace {

// How much of a file came, and what the client calls it.
Task<std::string> read_file(FormFile& file) {
  std::uint64_t count = 0;
  for (;;) {
    const auto piece = co_await file.next();
    if (piece.empty()) break;
    count += piece.size();
  }
  std::string text = std::to_string(count);
  co_return text.append(" bytes of ").append(file.name()).append(", ").append(file.type());
}

}  // namespace

Task<Note> Notes::attach(Caller, NewNote note, FormFile file) {
  if (note.text.value == "conflict") throw Error(Code::conflict);
  const std::string read = co_await read_file(file);
  co_return Note{note.text.value + " in " + note.room.str() + ": " + read};
}

Task<Note> Notes::picture(Caller, std::optional<FormFileAs<"picture">> picture) {
  if (!picture) co_return Note{"none"};
  std::string read = co_await read_file(*picture);
  co_return Note{std::move(read)};
}

char film_byte(std::uint64_t n) {
  return static_cast<char>('a' + n * n % 23);
}

namespace {

class FilmSource final : public Source {
 public:
  FilmSource(std::uint64_t size, bool says_size, std::optional<std::uint64_t> fails_at)
      : size_(size), says_size_(says_size), fails_at_(fails_at) {}
  std::optional<std::uint64_t> size() const noexcept override {
    return says_size_ ? std::optional(size_) : std::nullopt;
  }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    if (fails_at_ && offset >= *fails_at_) throw std::runtime_error("the film tore");
    piece_.clear();
    const auto count = std::min<std::uint64_t>({most, size_ - std::min(offset, size_), 1000});
    for (std::uint64_t i = 0; i < count; ++i) piece_ += film_byte(offset + i);
    co_return piece_;
  }

 private:
  std::uint64_t size_;
  bool says_size_;
  std::optional<std::uint64_t> fails_at_;
  std::string piece_;
};

Download film_of(const FilmQuery& query, bool says_size) {
  Download download;
  const int fails_at = *query.fails_at;
  download.source = std::make_shared<FilmSource>(
      static_cast<std::uint64_t>(static_cast<int>(*query.size)), says_size,
      fails_at < 0 ? std::nullopt : std::optional<std::uint64_t>(fails_at));
  download.headers.set("content-type", "video/mp4");
  return download;
}

}  // namespace

Task<Download> Notes::film(Visitor, FilmQuery query) {
  Download download = film_of(query, true);
  download.etag = "\"film\"";
  download.last_modified = Timestamp(Seconds(784111777));  // Sun, 06 Nov 1994 08:49:37 GMT
  co_return download;
}

Task<Download> Notes::live(Visitor, FilmQuery query) {
  co_return film_of(query, false);
}

Task<Note> Notes::large(Visitor) {
  co_return Note{std::string(100'000, 'a')};
}

Task<Note> Notes::fail(Visitor) {
  throw std::runtime_error("secret detail");
  co_return Note{};
}

Task<Note> Notes::slow(Visitor) {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer(executor);
  while (!release) {
    timer.expires_after(1ms);
    co_await timer.async_wait(use_task);
  }
  co_return Note{"done"};
}

Task<Note> Notes::count_echoes(Visitor) {
  co_return Note{std::to_string(echoed)};
}

Task<Note> Notes::greeting(Client client) {
  co_return Note{"Hello " + client.address};
}

Task<Note> Notes::renew(Client, NewNote note) {
  if (note.text.value == "conflict") throw Error(Code::conflict);
  co_return Note{note.text.value};
}

Task<Response> Notes::echo(const Request* request, WholeBody body) {
  ++echoed;
  const Json seen = {{"method", name(request->method)},
                     {"path", request->path},
                     {"body", body.text},
                     {"address", request->client.address},
                     {"secure", request->secure},
                     {"id", request->client.request_id}};
  co_return Response::json(200, dump_json(seen));
}

Routes notes_routes(Notes& notes) {
  using enum Method;
  return {
      {get, "/api/notes", Who::anyone, Limit::read, "List", endpoint<&Notes::list>(notes)},
      {post, "/api/rooms/{room}/notes", Who::signed_in, Limit::write, "Create",
       endpoint<&Notes::create, 201>(notes)},
      {del, "/api/notes", Who::admin, Limit::write, "Clear", endpoint<&Notes::clear>(notes)},
      {post, "/api/ping", Who::signed_in, Limit::none, "Ping", endpoint<&Notes::ping>(notes)},
      {post, "/api/measure", Who::anyone, Limit::none, "Measure", endpoint<&Notes::measure>(notes),
       RouteKind::api, 100'000'000},
      {post, "/api/rooms/{room}/files", Who::signed_in, Limit::write, "Attach",
       endpoint<&Notes::attach, 201>(notes), RouteKind::api, 10'000'000},
      {put, "/api/picture", Who::signed_in, Limit::write, "Picture",
       endpoint<&Notes::picture>(notes)},
      {get, "/api/film", Who::anyone, Limit::none, "Film", endpoint<&Notes::film>(notes)},
      {get, "/api/echoed", Who::anyone, Limit::none, "Echoes",
       endpoint<&Notes::count_echoes>(notes)},
      {get, "/api/live", Who::anyone, Limit::none, "Live", endpoint<&Notes::live>(notes)},
      {get, "/api/large", Who::anyone, Limit::none, "Large", endpoint<&Notes::large>(notes)},
      {get, "/api/fail", Who::anyone, Limit::none, "Fail", endpoint<&Notes::fail>(notes)},
      {get, "/api/slow", Who::anyone, Limit::none, "Slow", endpoint<&Notes::slow>(notes)},
      {get, "/api/echo", Who::anyone, Limit::none, "Echo", endpoint<&Notes::echo>(notes)},
      {post, "/api/echo", Who::anyone, Limit::none, "Echo", endpoint<&Notes::echo>(notes)},
      {get, "/api/greeting", Who::anyone, Limit::none, "Greeting",
       endpoint<&Notes::greeting>(notes)},
      counted_by_handler({post, "/api/rooms/{room}/renew", Who::anyone, Limit::renewal, "Renew",
                          endpoint<&Notes::renew>(notes)}),
      counted_for(
          [named = UserId::make()](const Request& request) {
            return request.query == "link=right" ? std::optional(named) : std::nullopt;
          },
          {get, "/api/linked", Who::anyone, Limit::read, "Linked",
           endpoint<&Notes::count_echoes>(notes)}),
      {post, "/api/rooms/{room}/register", Who::anyone, Limit::registration, "Register",
       endpoint<&Notes::renew>(notes)},
      {post, "/api/login", Who::anyone, Limit::sensitive, "Login", endpoint<&Notes::echo>(notes)},
  };
}

std::string Answer::header(std::string_view wanted) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    const auto end = head.find("\r\n", at + 2);
    const std::string line = head.substr(at + 2, end - at - 2);
    const auto colon = line.find(':');
    if (colon != std::string::npos && strncasecmp(line.c_str(), wanted.data(), colon) == 0 &&
        colon == wanted.size()) {
      return line.substr(colon + 2);
    }
    at = end;
  }
  return {};
}

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

RawClient::~RawClient() {
  ::close(socket_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // the server has closed; what it said is still to be read
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool RawClient::readable() {
  pollfd waiting{socket_, POLLIN, 0};
  const auto longest = std::chrono::milliseconds(kPatience).count();
  return ::poll(&waiting, 1, static_cast<int>(longest)) == 1;
}

bool RawClient::read_more() {
  if (!readable()) return false;
  char bytes[16384];
  const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  input_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<Answer> RawClient::read_answer(bool head_only) {
  std::size_t end = std::string::npos;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return std::nullopt;
  }
  Answer answer;
  answer.head = input_.substr(0, end + 2);
  input_.erase(0, end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  const auto length = answer.header("content-length");
  const std::size_t size = head_only || length.empty() ? 0 : std::stoul(length);
  while (input_.size() < size) {
    if (!read_more()) return std::nullopt;
  }
  answer.body = input_.substr(0, size);
  input_.erase(0, size);
  return answer;
}

std::string RawClient::read_all() {
  while (read_more()) {
  }
  return std::exchange(input_, {});
}

bool RawClient::closed() {
  if (!input_.empty()) return false;
  if (!readable()) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

bool RawClient::has_ended() {
  char byte = 0;
  const auto count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN);
}

Answer RawClient::get(std::string_view target, std::string_view headers) {
  std::string request = "GET ";
  request.append(target).append(" HTTP/1.1\r\nHost: t\r\n").append(headers).append("\r\n");
  send(request);
  return read_answer().value_or(Answer{});
}

Answer RawClient::send_json(std::string_view method, std::string_view target, std::string_view body,
                            std::string_view headers) {
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: t\r\n").append(headers);
  request.append("Content-Type: application/json\r\nContent-Length: ");
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  send(request);
  return read_answer().value_or(Answer{});
}

ServerTest::ServerTest() {
  config.log.level = config::LogLevel::off;
  config.listener.clear();
  config.listener.push_back({"127.0.0.1", 0, "", ""});
}

ServerTest::~ServerTest() {
  notes.release = true;
  if (server) server->stop();
  if (runtime) runtime->stop();
  log::stop();
}

void ServerTest::start() {
  log::start(config.log);
  runtime = std::make_unique<net::Runtime>(1);
  runtime->start();
  limiter = std::make_unique<net::RateLimiter>(config.rate_limits);
  service = std::make_unique<Service>(config, metrics, [] { return std::nullopt; });
  std::vector<Routes> tables = {notes_routes(notes)};
  tables.push_back(service->routes(tables, common_codes()));
  server = std::make_unique<Server>(*runtime, config, *limiter, Router(tables), authenticator,
                                    metrics, extras);
  bound_ = server->start();
}

std::string form_part(std::string_view disposition, std::string_view content) {
  std::string text = "--b\r\nContent-Disposition: form-data; ";
  return text.append(disposition).append("\r\n\r\n").append(content).append("\r\n");
}

std::string code_of(const Answer& answer) {
  return Json::parse(answer.body).at("error").at("code").get<std::string>();
}

RawClient& OneClientTest::client() {
  if (!client_) {
    start();
    client_.emplace(port());
  }
  return *client_;
}

}  // namespace stoa::http::test
