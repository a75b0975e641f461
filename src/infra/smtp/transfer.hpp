#pragma once
// One mail on one of libcurl's handles. Blocks the thread that it is on.
#include <stoa/smtp/sender.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <curl/curl.h>

namespace stoa::smtp {

class Transfer {
 public:
  // All of it outlives the transfer; either flag ends it. `message` goes out as it is: libcurl doubles dots at the start of a line.
  Transfer(CURL* easy, const SenderOptions& options, const Envelope& envelope,
           std::string_view message, const std::atomic<bool>& is_stopping,
           const std::atomic<bool>& is_called_off);

  Answer run();

 private:
  struct ListDeleter {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self);
  static std::size_t on_line(char* line, std::size_t size, std::size_t count, void* self);
  static int on_sent(CURL*, curl_infotype type, char* text, std::size_t size, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address);

  bool is_over() const noexcept { return is_stopping_ || is_called_off_; }
  void prepare(const Envelope& envelope);
  Answer judge(CURLcode result) const;
  Trouble trouble_of(CURLcode result, long code) const;

  CURL* const easy_;
  const SenderOptions& options_;
  const std::atomic<bool>& is_stopping_;
  const std::atomic<bool>& is_called_off_;
  const std::string_view message_;
  std::unique_ptr<curl_slist, ListDeleter> to_;
  std::size_t sent_ = 0;              // bytes of the message that libcurl has taken
  bool is_begun_ = false;             // it has asked for some
  bool is_receiver_named_ = false;    // the last command was RCPT
  bool is_receiver_refused_ = false;  // and refusal_ is the answer to it
  bool is_refused_ = false;           // an address that may not be connected to
  bool is_answer_whole_ = true;
  std::string answer_;   // the server's last one
  std::string refusal_;  // its last one that says no
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace stoa::smtp
