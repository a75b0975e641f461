#include "infra/fetch/engine.hpp"

#include <stoa/core/log.hpp>

#include <algorithm>
#include <new>
#include <stdexcept>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <pthread.h>

namespace stoa::fetch {
namespace {

using std::chrono::milliseconds;

// libcurl's own timers end its wait sooner.
constexpr milliseconds kLongestWait{1000};

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool equals(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// No line can be smuggled in, and nothing that decides where a message ends.
bool is_sendable(const Header& header) {
  const bool is_clean = std::none_of(header.value.begin(), header.value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
  if (!is_clean || !is_token(header.name)) return false;
  for (const auto* own : {"host", "content-length", "transfer-encoding", "connection", "expect",
                          "te", "upgrade", "trailer", "keep-alive"}) {
    if (equals(header.name, own)) return false;
  }
  return true;
}

}  // namespace

Engine::Engine(const config::Fetch& config, Metrics& metrics) : config_(config), metrics_(metrics) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("no libcurl");
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(config_.calls));
#if LIBCURL_VERSION_NUM >= 0x081400
  // The threads that wait for name servers are the multi handle's since 8.20; nothing waits for them.
  curl_multi_setopt(multi_, CURLMOPT_QUICK_EXIT, 1L);
#endif
}

Engine::~Engine() {
  stop();
  curl_multi_cleanup(multi_);
  curl_global_cleanup();
}

Lane& Engine::add(const Purpose& purpose) {
  for (const auto& lane : lanes_) {
    if (lane->name == purpose.name) throw std::logic_error("called for twice: " + purpose.name);
  }
  return *lanes_.emplace_back(std::make_unique<Lane>(purpose, config_, metrics_));
}

void Engine::start() {
  thread_ = std::thread([this] { run(); });
}

void Engine::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  if (thread_.joinable()) thread_.join();
  end_all();
}

std::shared_ptr<Call> Engine::make_call(Lane& lane, Request request) const {
  const auto refuse = [&lane](Reason reason, std::string_view refusal = {}) -> Failed {
    lane.count(reason);
    return Failed(reason, false, refusal);
  };
  auto target = Target::parse(request.url);
  if (!target) throw refuse(Reason::refused, "its URL cannot be read");
  const auto refusal = lane.policy.refusal(*target);
  if (!refusal.empty()) throw refuse(Reason::refused, refusal);
  if (request.body.size() > config_.max_request_bytes) throw refuse(Reason::too_large);
  if (!std::all_of(request.headers.begin(), request.headers.end(), is_sendable)) {
    throw std::logic_error("a header that may not be sent, for " + lane.name);
  }
  const auto ends = Clock::now() + request.time_limit.value_or(config_.time_limit);
  const auto most = request.max_answer_bytes.value_or(config_.max_answer_bytes);
  return std::make_shared<Call>(lane, std::move(request), std::move(*target), ends, most);
}

void Engine::reserve(Lane& lane) {
  const std::scoped_lock lock(mutex_);
  if (is_stopping_) throw Error(Code::shutting_down);
  // A place for each call that may begin, beside the queue.
  const std::size_t free =
      config_.calls_per_purpose - std::min(config_.calls_per_purpose, lane.running.load());
  if (lane.queued >= config_.queue + free) {
    lane.count(Outcome::overloaded);
    throw Error(Code::overloaded).retry_after(std::chrono::seconds(1));
  }
  ++lane.queued;
}

void Engine::submit(std::shared_ptr<Call> call) {
  {
    const std::scoped_lock lock(mutex_);
    if (!is_stopping_) {
      next_end_ = std::min(next_end_, call->ends);
      Lane& lane = call->lane;
      lane.waiting.push_back(std::move(call));
    }
  }
  if (!call) {
    curl_multi_wakeup(multi_);
    return;
  }
  --call->lane.queued;
  call->finish(std::make_exception_ptr(Error(Code::shutting_down)));
}

void Engine::cancel(const std::shared_ptr<Call>& call) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopping_) return;
    cancelled_.push_back(call);
  }
  curl_multi_wakeup(multi_);
}

void Engine::run() {
  pthread_setname_np(pthread_self(), "fetch");
  for (;;) {
    Calls to_begin, late, cancelled;
    if (!take(to_begin, late, cancelled)) return;
    for (const auto& call : late) fail(*call, Failed(Reason::timed_out, false));
    for (auto& call : to_begin) begin(std::move(call));
    for (const auto& call : cancelled) drop(call);
    int running = 0;
    curl_multi_perform(multi_, &running);
    collect();
    const auto wait = patience();
    if (wait > milliseconds(0)) {
      curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
  }
}

bool Engine::take(Calls& begin, Calls& late, Calls& cancelled) {
  const std::scoped_lock lock(mutex_);
  if (is_stopping_) return false;
  cancelled.swap(cancelled_);
  if (const auto now = Clock::now(); now >= next_end_) drop_late_locked(now, late);
  while (active_.size() + begin.size() < config_.calls) {
    auto call = next_locked();
    if (!call) break;
    begin.push_back(std::move(call));
  }
  return true;
}

// The lanes take turns.
std::shared_ptr<Call> Engine::next_locked() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = *lanes_[(turn_ + i) % lanes_.size()];
    if (lane.waiting.empty() || lane.running >= config_.calls_per_purpose) continue;
    turn_ += i + 1;
    auto call = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    --lane.queued;
    ++lane.running;
    return call;
  }
  return nullptr;
}

void Engine::drop_late_locked(Clock::time_point now, Calls& late) {
  next_end_ = Clock::time_point::max();
  for (const auto& lane : lanes_) {
    const auto first = std::stable_partition(lane->waiting.begin(), lane->waiting.end(),
                                             [now](const auto& call) { return call->ends > now; });
    lane->queued -= static_cast<std::size_t>(lane->waiting.end() - first);
    late.insert(late.end(), first, lane->waiting.end());
    lane->waiting.erase(first, lane->waiting.end());
    for (const auto& call : lane->waiting) next_end_ = std::min(next_end_, call->ends);
  }
}

void Engine::begin(std::shared_ptr<Call> call) {
  try {
    auto transfer = std::make_unique<Transfer>(call, config_);
    CURL* easy = transfer->easy();
    active_.emplace(easy, std::move(transfer));
    add(easy);
  } catch (...) {
    --call->lane.running;
    finish(*call, std::current_exception());
  }
}

void Engine::add(CURL* easy) {
  if (curl_multi_add_handle(multi_, easy) == CURLM_OK) return;
  const auto transfer = let_go(easy);
  fail(*transfer->call(), Failed(Reason::broken, transfer->began()));
}

void Engine::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    curl_multi_remove_handle(multi_, easy);
    Transfer& transfer = *active_.at(easy);
    bool goes_on = false;
    try {
      goes_on = transfer.ended(code);
    } catch (...) {
      const auto call = let_go(easy)->call();
      finish(*call, std::current_exception());
      continue;
    }
    if (goes_on) {
      add(easy);
    } else {
      end(*let_go(easy));
    }
  }
}

std::unique_ptr<Transfer> Engine::let_go(CURL* easy) {
  const auto found = active_.find(easy);
  auto transfer = std::move(found->second);
  active_.erase(found);
  --transfer->call()->lane.running;
  return transfer;
}

void Engine::end(const Transfer& transfer) {
  Call& call = *transfer.call();
  if (transfer.failure()) {
    fail(call, Failed(*transfer.failure(), transfer.began(), transfer.refusal()));
    return;
  }
  const int status = call.answer.status;
  call.lane.count(status < 400   ? Outcome::ok
                  : status < 500 ? Outcome::client_error
                                 : Outcome::server_error);
  finish(call, nullptr);
}

// Neither path nor query is logged: they may hold secrets.
void Engine::fail(Call& call, const Failed& why) {
  call.lane.count(why.reason());
  const auto took = std::chrono::round<milliseconds>(Clock::now() - call.began).count();
  log::warn("fetch_failed", {{"purpose", call.lane.name},
                             {"host", call.target.host},
                             {"reason", why.text()},
                             {"ms", took}});
  finish(call, std::make_exception_ptr(why));
}

void Engine::drop(const std::shared_ptr<Call>& call) {
  if (!call->resumption) return;  // it was over
  bool was_waiting = false;
  {
    const std::scoped_lock lock(mutex_);
    was_waiting = std::erase(call->lane.waiting, call) > 0;
    if (was_waiting) --call->lane.queued;
  }
  if (!was_waiting) {
    const auto found = std::find_if(active_.begin(), active_.end(), [&](const auto& entry) {
      return entry.second->call() == call;
    });
    if (found == active_.end()) return;
    curl_multi_remove_handle(multi_, found->first);
    let_go(found->first);
  }
  call->lane.count(Outcome::cancelled);
  finish(*call,
         std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)));
}

// The thread has ended, or was never started.
void Engine::end_all() {
  Calls left;
  while (!active_.empty()) {
    CURL* easy = active_.begin()->first;
    curl_multi_remove_handle(multi_, easy);
    left.push_back(let_go(easy)->call());
  }
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& lane : lanes_) {
      lane->queued -= lane->waiting.size();
      left.insert(left.end(), lane->waiting.begin(), lane->waiting.end());
      lane->waiting.clear();
    }
    cancelled_.clear();
  }
  for (const auto& call : left) {
    call->lane.count(Outcome::cancelled);
    finish(*call, std::make_exception_ptr(Error(Code::shutting_down)));
  }
}

void Engine::finish(Call& call, std::exception_ptr error) {
  call.lane.seconds.observe(std::chrono::duration<double>(Clock::now() - call.began).count());
  call.finish(std::move(error));
}

// How long there is nothing to do but for libcurl: not at all where a call that waits may begin.
milliseconds Engine::patience() {
  const std::scoped_lock lock(mutex_);
  if (active_.size() < config_.calls) {
    for (const auto& lane : lanes_) {
      if (!lane->waiting.empty() && lane->running < config_.calls_per_purpose) {
        return milliseconds(0);
      }
    }
  }
  if (next_end_ == Clock::time_point::max()) return kLongestWait;
  const auto left = std::chrono::ceil<milliseconds>(next_end_ - Clock::now());
  return std::clamp(left, milliseconds(0), kLongestWait);
}

}  // namespace stoa::fetch
