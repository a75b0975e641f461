#include "infra/storage/s3_client.hpp"

#include <stoa/core/hex.hpp>
#include <stoa/core/log.hpp>
#include <stoa/fetch/failure.hpp>
#include <stoa/identity/crypto.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <curl/curl.h>
#include <pugixml.hpp>

namespace stoa::storage {
namespace {

// A service says so where its clock is another (RequestTimeTooSkewed); the call may then be sent again at once.
bool is_skewed(const fetch::Answer& answer) {
  return answer.status == 403 && error_code_of(answer.body) == "RequestTimeTooSkewed";
}

bool may_pass(const fetch::Answer& answer) {
  if (answer.status == 507) return false;  // full
  if (answer.may_pass()) return true;
  const std::string code = answer.ok() ? std::string() : error_code_of(answer.body);
  return code == "RequestTimeout" || code == "SlowDown";
}

// Between a half and the whole of it, so that many do not come back at the same moment.
std::chrono::milliseconds jittered(std::chrono::milliseconds wait) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return wait / 2 + std::chrono::milliseconds(
                        std::uniform_int_distribution<std::int64_t>(0, wait.count() / 2)(random));
}

Task<> pause(std::chrono::milliseconds wait) {
  asio::steady_timer timer(co_await asio::this_coro::executor, jittered(wait));
  co_await timer.async_wait(use_task);
}

bool find(const pugi::xml_node& node, std::string_view element, std::string& out) {
  for (const pugi::xml_node& child : node.children()) {
    if (child.name() == element) {
      out = child.text().get();
      return true;
    }
    if (find(child, element, out)) return true;
  }
  return false;
}

}  // namespace

std::string text_of(const std::string& body, const char* element) {
  pugi::xml_document document;
  std::string out;
  if (document.load_buffer(body.data(), body.size())) find(document, element, out);
  return out;
}

std::string error_code_of(const std::string& body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return {};
  return document.child("Error").child("Code").text().get();
}

S3Client::S3Client(const config::S3& config, fetch::Client http)
    : config_(config),
      credentials_{config.access_key, config.secret_key.value, config.session_token.value,
                   config.region},
      http_(std::move(http)) {}

std::string S3Client::origin_of(const std::string& endpoint) const {
  if (config_.path_style) return endpoint;
  const auto host = endpoint.find("://") + 3;
  return endpoint.substr(0, host) + config_.bucket + "." + endpoint.substr(host);
}

std::string S3Client::source_of(const std::string& object) const {
  return "/" + config_.bucket + "/" + sigv4::encode_path(config_.prefix + object);
}

sigv4::Message S3Client::message(const S3Call& call, const std::string& endpoint) const {
  sigv4::Message message;
  message.method = call.name;
  const std::string origin = origin_of(endpoint);
  message.host = origin.substr(origin.find("://") + 3);
  message.path = config_.path_style ? "/" + config_.bucket : std::string();
  if (!call.object.empty()) message.path += "/" + sigv4::encode_path(config_.prefix + call.object);
  if (message.path.empty()) message.path = "/";
  message.query = call.query;
  message.headers = call.headers;
  return message;
}

Timestamp S3Client::service_time() const {
  return now() + std::chrono::seconds(clock_offset_s_.load(std::memory_order_relaxed));
}

void S3Client::correct_clock(const fetch::Answer& answer) const {
  const std::time_t date = curl_getdate(std::string(answer.header("date")).c_str(), nullptr);
  if (date < 0) return;
  const auto ours = std::chrono::floor<std::chrono::seconds>(now()).time_since_epoch().count();
  clock_offset_s_.store(static_cast<std::int64_t>(date) - ours, std::memory_order_relaxed);
  log::warn("storage_clock", {{"offset_seconds", static_cast<std::int64_t>(date) - ours}});
}

fetch::Request S3Client::request(const S3Call& call) const {
  const sigv4::Message message = this->message(call, config_.endpoint);
  const std::string hash =
      call.body_hash.empty() ? to_hex(identity::sha256(call.body)) : call.body_hash;
  fetch::Request request;
  request.method = call.method;
  request.url = origin_of(config_.endpoint) + message.path;
  if (!call.query.empty()) request.url += "?" + sigv4::encode_query(call.query);
  for (const auto& [name, value] : call.headers) request.headers.push_back({name, value});
  for (const auto& [name, value] : sigv4::sign(credentials_, message, hash, service_time())) {
    request.headers.push_back({name, value});
  }
  request.body = call.body;
  request.time_limit = config_.time_limit;
  request.max_answer_bytes = call.most_bytes;
  request.repeatable = true;
  return request;
}

Task<fetch::Answer> S3Client::send(const S3Call& call) const {
  auto wait = config_.first_wait;
  bool has_corrected = false;
  for (std::size_t attempt = 1;; ++attempt) {
    std::string why;
    try {
      fetch::Answer answer = co_await http_.send(request(call));
      if (is_skewed(answer) && !has_corrected) {
        has_corrected = true;
        correct_clock(answer);
        continue;
      }
      if (!may_pass(answer)) co_return answer;
      why = "status " + std::to_string(answer.status);
    } catch (const fetch::Failed& failed) {
      why = failed.text();
      if (!failed.may_pass()) attempt = config_.attempts;
    }
    if (attempt >= config_.attempts) {
      log::warn("storage_failed", {{"method", call.name}, {"reason", why}});
      throw Unavailable(std::move(why));
    }
    co_await pause(wait);
    wait *= 2;
  }
}

Task<fetch::Answer> S3Client::succeed(const S3Call& call) const {
  fetch::Answer answer = co_await send(call);
  if (!answer.ok()) refuse(call, answer);
  co_return answer;
}

void S3Client::refuse(const S3Call& call, const fetch::Answer& answer) {
  const std::string code = error_code_of(answer.body);
  if (answer.status == 404 && code != "NoSuchBucket") throw Error(Code::not_found);
  if (answer.status == 507) throw Error(Code::storage_full);
  if (code == "EntityTooLarge") throw Error(Code::too_large);
  log::error("storage_refused", {{"method", call.name}, {"status", answer.status}, {"code", code}});
  const std::string status = "status " + std::to_string(answer.status);
  throw Unavailable(code.empty() ? status : code + " (" + status + ")");
}

Link S3Client::link(const S3Call& call, std::chrono::seconds ttl) const {
  const std::string& endpoint =
      config_.public_endpoint.empty() ? config_.endpoint : config_.public_endpoint;
  const sigv4::Message message = this->message(call, endpoint);
  Link link;
  link.method = call.name;
  link.url = origin_of(endpoint) + message.path + "?" +
             sigv4::presign(credentials_, message, ttl, service_time());
  link.headers = call.headers;
  link.expires = now() + ttl;
  return link;
}

}  // namespace stoa::storage
