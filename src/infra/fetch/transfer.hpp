#pragma once
// One call in libcurl's hands. On the engine's thread.
#include "infra/fetch/call.hpp"
#include "infra/fetch/curl.hpp"

#include <stoa/core/config.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace stoa::fetch {

class Transfer {
 public:
  Transfer(std::shared_ptr<Call> call, const config::Fetch& config);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* easy() const noexcept { return easy_.get(); }
  const std::shared_ptr<Call>& call() const noexcept { return call_; }
  // True where an answer was a redirect that is followed: easy() is to be run again. Else call().answer is there, or
  // failure() says why not.
  bool ended(CURLcode code);
  std::optional<Reason> failure() const noexcept { return failure_; }
  // Where that is `refused`: why.
  std::string_view refusal() const noexcept { return refusal_; }
  bool began() const noexcept { return began_; }

 private:
  // libcurl's callbacks; each is given the Transfer.
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_request(void* self, char* address, char* local, int port, int local_port);

  void prepare();
  void set_method();
  void set_headers();
  bool take(std::size_t bytes);
  void take_header(std::string_view line);
  std::optional<std::string_view> redirect() const;
  bool follow(std::string_view location);
  Reason reason_of(CURLcode code) const;

  const std::shared_ptr<Call> call_;
  const config::Fetch& config_;
  CurlList headers_;  // before the handle that refers to it
  CurlEasy easy_;
  std::optional<Reason> failure_;
  std::size_t received_ = 0;
  int redirects_left_;
  int sent_ = 0;        // requests for the present target, by libcurl's own doing more than one
  bool began_ = false;  // one of them was sent
  std::string_view
      refusal_;  // of an address, when libcurl was about to connect to it, or of a redirect's host
  bool is_tried_ = false;  // another address, which is allowed
  bool is_head_ = false;   // of the answer
};

}  // namespace stoa::fetch
