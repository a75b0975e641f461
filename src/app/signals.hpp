#pragma once
// The process's signals as a thing one waits for. Blocks SIGTERM, SIGINT and SIGHUP in the thread that makes
// it and in every thread started after, so make it before any other.
#include <csignal>
#include <functional>
#include <string>

namespace stoa::app {

class Signals {
 public:
  Signals();
  // Waits for SIGTERM or SIGINT and answers its name; SIGHUP calls `on_hangup` and waits on. After it has
  // returned, a second SIGTERM or SIGINT ends the process at once.
  std::string wait(const std::function<void()>& on_hangup);

 private:
  sigset_t set_;
};

}  // namespace stoa::app
