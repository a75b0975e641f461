#include "infra/fetch/transfer.hpp"

#include <stoa/net/networks.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>

#include <sys/socket.h>
#include <unistd.h>

namespace stoa::fetch {
namespace {

namespace ip = boost::asio::ip;
using std::chrono::milliseconds;

constexpr milliseconds kSecond{1000};

void require(CURLcode code) {
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}
// An option that this libcurl does not have must not be passed over in silence.
template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  require(curl_easy_setopt(easy, option, value));
}

const char* name_of(Method method) noexcept {
  constexpr std::array<const char*, 6> kNames = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  return kNames[static_cast<std::size_t>(method)];
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// What may be told to another host than the one that it was meant for.
bool is_harmless(const std::string& header) {
  const std::string name = lower(header);
  return name == "accept" || name == "accept-language" || name == "content-type";
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto from = text.find_first_not_of(kBlanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

}  // namespace

Transfer::Transfer(std::shared_ptr<Call> call, const config::Fetch& config)
    : call_(std::move(call)),
      config_(config),
      easy_(curl_easy_init()),
      redirects_left_(call_->request.redirects) {
  if (!easy_) throw std::bad_alloc();
  prepare();
}

void Transfer::prepare() {
  CURL* easy = easy_.get();
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_CURLU, call_->target.url.get());
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // Neither the environment nor a file of the user's has a say.
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_NOPROXY, "*");
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!config_.ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, config_.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  // Its thread may wait for a name server that is away; nothing waits for that thread.
  set(easy, CURLOPT_QUICK_EXIT, 1L);

  const auto left = std::chrono::ceil<milliseconds>(call_->ends - Clock::now());
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(left, milliseconds(1)).count()));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(config_.connect_timeout.count()));
  const long stall = std::chrono::ceil<std::chrono::seconds>(config_.stall_timeout).count();
  const std::size_t rate = config_.progress_bytes / static_cast<std::size_t>(stall);
  set(easy, CURLOPT_LOW_SPEED_TIME, stall);
  set(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(std::max<std::size_t>(rate, 1)));
  if (config_.keep_alive < kSecond) {
    set(easy, CURLOPT_FORBID_REUSE, 1L);
  } else {
    set(easy, CURLOPT_MAXAGE_CONN, static_cast<long>(config_.keep_alive / kSecond));
  }

  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &on_socket);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(easy, CURLOPT_PREREQFUNCTION, &on_request);
  set(easy, CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  set_method();
  set_headers();
}

void Transfer::set_method() {
  CURL* easy = easy_.get();
  const Request& request = call_->request;
  if (request.method == Method::get && request.body.empty()) {
    set(easy, CURLOPT_HTTPGET, 1L);
  } else if (request.method == Method::head) {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != Method::delete_ || !request.body.empty()) {
    // POST's way of sending, whatever the method is called.
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(easy, CURLOPT_CUSTOMREQUEST,
      request.method == Method::head ? nullptr : name_of(request.method));
}

void Transfer::set_headers() {
  bool has_type = false, has_agent = false;
  curl_slist* list = nullptr;
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list = longer;
  };
  CurlList all;
  try {
    for (const auto& [name, value] : call_->request.headers) {
      const std::string key = lower(name);
      has_type = has_type || key == "content-type";
      has_agent = has_agent || key == "user-agent";
      add(value.empty() ? name + ";" : name + ": " + value);
    }
    add("Expect:");  // no waiting for 100 Continue
    if (!has_type) add("Content-Type:");
    if (!has_agent) add("User-Agent: Stoa");
  } catch (...) {
    curl_slist_free_all(list);
    throw;
  }
  all.reset(list);
  set(easy_.get(), CURLOPT_HTTPHEADER, all.get());
  headers_ = std::move(all);
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto to = net::address_of(address->addr);
  const std::string_view refusal =
      to ? transfer.call_->lane.policy.refusal(*to) : "it has no address of IP";
  if (!refusal.empty()) {
    transfer.refusal_ = refusal;
    return CURL_SOCKET_BAD;
  }
  transfer.is_tried_ = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Before each request, also over a connection that another purpose has opened.
int Transfer::on_request(void* self, char* address, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  const Request& request = transfer.call_->request;
  boost::system::error_code failed;
  const auto to = ip::make_address(address, failed);
  const std::string_view refusal =
      failed ? "it has no address of IP" : transfer.call_->lane.policy.refusal(to);
  if (!refusal.empty()) {
    if (transfer.sent_ == 0) transfer.failure_ = Reason::refused;
    transfer.refusal_ = refusal;
    return CURL_PREREQFUNC_ABORT;
  }
  // libcurl asks again where a kept connection has ended without an answer, whatever the method.
  const bool is_repeatable = request.repeatable.value_or(request.method != Method::post &&
                                                         request.method != Method::patch);
  if (transfer.sent_ > 0 && !is_repeatable) return CURL_PREREQFUNC_ABORT;
  ++transfer.sent_;
  transfer.began_ = true;
  return CURL_PREREQFUNC_OK;
}

bool Transfer::take(std::size_t bytes) {
  received_ += bytes;
  call_->lane.bytes.Increment(static_cast<double>(bytes));
  if (received_ <= call_->most_bytes) return true;
  failure_ = Reason::too_large;
  return false;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (!transfer.take(bytes)) return 0;
  try {
    transfer.take_header({data, bytes});
    return bytes;
  } catch (const std::bad_alloc&) {  // libcurl is no C++
    return 0;
  }
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (!transfer.take(bytes)) return 0;
  try {
    transfer.call_->answer.body.append(data, bytes);
    return bytes;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

// Each answer begins anew, also an interim one; what follows a body (a trailer) is no header.
void Transfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    call_->answer.headers.clear();
    is_head_ = true;
    return;
  }
  line = trim(line);
  if (line.empty()) is_head_ = false;
  const auto colon = line.find(':');
  if (!is_head_ || colon == std::string_view::npos) return;
  call_->answer.headers.push_back(
      {lower(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
}

bool Transfer::ended(CURLcode code) {
  if (long opened = 0; curl_easy_getinfo(easy(), CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK) {
    call_->lane.connections.Increment(static_cast<double>(opened));
  }
  if (code != CURLE_OK) {
    if (!failure_) failure_ = reason_of(code);
    return false;
  }
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  call_->answer.status = static_cast<int>(status);
  const auto location = redirect();
  return location && follow(*location);
}

std::optional<std::string_view> Transfer::redirect() const {
  const int status = call_->answer.status;
  const auto location = call_->answer.header("location");
  const bool is_one =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  if (!is_one || location.empty() || call_->request.redirects == 0) return std::nullopt;
  return location;
}

bool Transfer::follow(std::string_view location) {
  Request& request = call_->request;
  auto next = call_->target.follow(std::string(location));
  if (redirects_left_ == 0 || !next || (call_->target.is_tls && !next->is_tls)) {
    failure_ = Reason::redirected;
    return false;
  }
  refusal_ = call_->lane.policy.refusal(*next);
  if (!refusal_.empty()) {
    failure_ = Reason::refused;
    return false;
  }
  --redirects_left_;
  const int status = call_->answer.status;
  if (request.method != Method::head &&
      (status == 303 || (status <= 302 && request.method == Method::post))) {
    request.method = Method::get;
    request.body.clear();
    std::erase_if(request.headers,
                  [](const Header& header) { return lower(header.name) == "content-type"; });
  }
  if (!next->same_origin(call_->target)) {
    // A body is as much for the other side alone as a header.
    if (!request.body.empty()) {
      failure_ = Reason::redirected;
      return false;
    }
    std::erase_if(request.headers, [](const Header& header) { return !is_harmless(header.name); });
  }
  curl_easy_reset(easy());
  call_->target = std::move(*next);
  call_->answer = {};
  sent_ = 0;
  is_tried_ = false;
  prepare();
  return true;
}

Reason Transfer::reason_of(CURLcode code) const {
  if (!refusal_.empty() && !is_tried_ && sent_ == 0) return Reason::refused;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return Reason::unresolved;
    case CURLE_COULDNT_CONNECT:
      return Reason::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      // libcurl reckons in milliseconds, from a moment of its own: it may be over a little sooner.
      if (Clock::now() + milliseconds(10) >= call_->ends) return Reason::timed_out;
      return sent_ == 0 ? Reason::unreachable : Reason::stalled;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Reason::untrusted;
    default:
      return Reason::broken;
  }
}

}  // namespace stoa::fetch
