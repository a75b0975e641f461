#pragma once
// libcurl's handles, each with the connection that it has kept: taken for a mail, and given back when that went well.
#include <stoa/smtp/sender.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <curl/curl.h>

namespace stoa::smtp {

struct EasyDeleter {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

class Sender::Connections {
 public:
  explicit Connections(const SenderOptions& options);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Blocks until it is over, or until it is called off.
  Answer send(const Envelope& envelope, const std::string& message,
              const std::atomic<bool>& is_called_off);
  // Ends what runs. Any thread.
  void interrupt() noexcept { is_stopping_ = true; }

 private:
  Easy take();
  void keep(Easy easy);

  const SenderOptions options_;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;  // guards idle_
  std::vector<Easy> idle_;
};

}  // namespace stoa::smtp
