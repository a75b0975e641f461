#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/values.hpp>
#include <stoa/fetch/failure.hpp>
#include <stoa/oidc/key_set.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace stoa::oidc {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxAnswerBytes = std::size_t{512} * 1024;
constexpr std::size_t kMaxUrl = 2048;
constexpr milliseconds kFirstWait{1000};             // while no keys are known
constexpr milliseconds kLongestWait{5 * 60 * 1000};  // between two fetches that fail
constexpr std::uint32_t kMostDoublings = 16;

// What has gone wrong in an answer, for the log.
struct Misfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

template <class Handler>
struct KeySet::Held final : Waiter {
  explicit Held(Handler given)
      : handler(std::move(given)), work(asio::get_associated_executor(handler)) {}
  void wake() noexcept override { asio::post(work.get_executor(), std::move(handler)); }

  Handler handler;
  asio::executor_work_guard<asio::associated_executor_t<Handler, Executor>> work;
};

KeySet::KeySet(net::Runtime& runtime, fetch::Client client, KeySource source, KeyOptions options)
    : runtime_(runtime), client_(client), source_(std::move(source)), options_(options) {}

KeySet::~KeySet() = default;

Task<PublicKeyPtr> KeySet::find(std::string kid, Algorithm algorithm) {
  for (bool has_waited = false;; has_waited = true) {
    std::uint64_t round = 0;
    {
      const std::lock_guard lock(mutex_);
      if (is_stopped_) throw Error(Code::shutting_down);
      const auto now = Clock::now();
      auto key = find_locked(kid, algorithm);
      const bool may_fetch = now >= not_before_;
      if (key) {
        if (now >= fresh_until_ && may_fetch && !is_fetching_) begin_locked();
        co_return key;
      }
      if (has_waited || (!is_fetching_ && !may_fetch)) {
        if (!keys_.empty()) co_return nullptr;
        const auto left = std::chrono::ceil<std::chrono::seconds>(not_before_ - now);
        throw Error(kProviderUnavailable).retry_after(std::max(left, std::chrono::seconds(1)));
      }
      if (waiters_.size() >= options_.waiting) throw Error(Code::overloaded);
      if (!is_fetching_) begin_locked();
      round = round_;
    }
    co_await wait(round);
  }
}

void KeySet::prepare() {
  const std::lock_guard lock(mutex_);
  if (!is_fetching_ && !is_stopped_ && Clock::now() >= not_before_) begin_locked();
}

void KeySet::stop() {
  std::vector<std::unique_ptr<Waiter>> waiters;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    waiters.swap(waiters_);
  }
  for (const auto& waiter : waiters) waiter->wake();
}

std::size_t KeySet::size() const {
  const std::lock_guard lock(mutex_);
  return keys_.size();
}

std::uint64_t KeySet::fetches() const {
  const std::lock_guard lock(mutex_);
  return fetches_;
}

PublicKeyPtr KeySet::find_locked(std::string_view kid, Algorithm algorithm) const {
  PublicKeyPtr found;
  for (const auto& key : keys_) {
    if (!key->fits(algorithm) || (!kid.empty() && key->kid() != kid)) continue;
    if (found) return nullptr;  // nobody can tell which
    found = key;
  }
  return found;
}

// A task of its own: it goes on where who has asked for it is gone.
void KeySet::begin_locked() {
  is_fetching_ = true;
  ++fetches_;
  auto& shard = runtime_.shard(0);
  asio::post(shard.context, [this, &shard] { shard.tasks.spawn("oidc_keys", renew()); });
}

// Until that round is over.
Task<> KeySet::wait(std::uint64_t round) {
  auto start = [this, round](auto handler) {
    auto held = std::make_unique<Held<decltype(handler)>>(std::move(handler));
    {
      const std::lock_guard lock(mutex_);
      if (round_ == round && !is_stopped_) {
        waiters_.push_back(std::move(held));
        return;
      }
    }
    held->wake();
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(start, use_task);
}

Task<> KeySet::renew() {
  Fetched fetched;
  std::string failure;
  try {
    fetched = co_await fetch();
  } catch (const fetch::Failed& error) {
    failure = error.text();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  settle(failure.empty() ? &fetched : nullptr, failure);
}

Task<KeySet::Fetched> KeySet::fetch() {
  std::string url = source_.jwks_url;
  if (url.empty()) url = co_await jwks_url();
  Fetched out;
  const std::string body = co_await get(std::move(url), &out.age);
  out.keys = read_jwks(body);
  if (out.keys.empty()) throw Misfit("there is no key for signatures");
  out.age = std::clamp(out.age, options_.least_age, options_.most_age);
  co_return out;
}

// Read anew each time: the address may change, and both answers are small.
Task<std::string> KeySet::jwks_url() {
  milliseconds age{};
  std::string url = source_.discovery_url;
  const std::string body = co_await get(std::move(url), &age);
  const Json document = parse_json(body, {.depth = 8, .elements = 4096});
  const auto text = [&document](const char* name) {
    const auto found = document.is_object() ? document.find(name) : document.end();
    if (found == document.end() || !found->is_string()) {
      throw Misfit(std::string("the discovery document has no ") + name);
    }
    return found->get<std::string>();
  };
  if (text("issuer") != source_.issuer) {
    throw Misfit("the discovery document is another issuer's");
  }
  std::string jwks = text("jwks_uri");
  if (jwks.size() > kMaxUrl) throw Misfit("jwks_uri is too long");
  co_return jwks;
}

Task<std::string> KeySet::get(std::string url, milliseconds* age) {
  fetch::Request request;
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}};
  request.time_limit = options_.time_limit;
  request.max_answer_bytes = kMaxAnswerBytes;
  request.redirects = 3;
  auto answer = co_await client_.send(std::move(request));
  if (!answer.ok()) throw Misfit("answered with status " + std::to_string(answer.status));
  *age = max_age_of(answer.header("cache-control"));
  co_return std::move(answer.body);
}

void KeySet::settle(Fetched* fetched, std::string_view failure) {
  std::vector<std::unique_ptr<Waiter>> waiters;
  bool is_news = false;
  std::size_t known = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (fetched != nullptr) {
      is_news = keys_.empty() || failures_ > 0;
      keys_ = std::move(fetched->keys);
      fresh_until_ = now + fetched->age;
      not_before_ = now + options_.fetch_interval;
      failures_ = 0;
    } else {
      const milliseconds first = keys_.empty() ? kFirstWait : options_.fetch_interval;
      not_before_ = now + std::min(first * (1 << std::min(failures_, kMostDoublings)),
                                   std::max(kLongestWait, options_.fetch_interval));
      ++failures_;
    }
    known = keys_.size();
    is_fetching_ = false;
    ++round_;
    waiters.swap(waiters_);
  }
  if (fetched == nullptr) {
    log::warn("oidc_keys_failed",
              {{"provider", source_.name}, {"reason", failure}, {"known", known}});
  } else if (is_news) {
    log::info("oidc_keys", {{"provider", source_.name}, {"known", known}});
  }
  for (const auto& waiter : waiters) waiter->wake();
}

std::chrono::seconds max_age_of(std::string_view cache_control) noexcept {
  constexpr std::string_view kMaxAge = "max-age=";
  constexpr std::int64_t kMost = std::int64_t{365} * 24 * 3600;
  std::chrono::seconds age{0};
  while (!cache_control.empty()) {
    const auto comma = cache_control.find(',');
    const auto one = trim(cache_control.substr(0, comma));
    if (one == "no-cache" || one == "no-store") return std::chrono::seconds(0);
    if (one.starts_with(kMaxAge)) {
      std::int64_t value = 0;
      const auto digits = one.substr(kMaxAge.size());
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (read.ec == std::errc() && value > 0) age = std::chrono::seconds(std::min(value, kMost));
    }
    if (comma == std::string_view::npos) break;
    cache_control.remove_prefix(comma + 1);
  }
  return age;
}

}  // namespace stoa::oidc
