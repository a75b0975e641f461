#include "app/signals.hpp"

#include <stoa/core/log.hpp>

#include <pthread.h>

namespace stoa::app {

Signals::Signals() {
  sigemptyset(&set_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error code, not the end
}

std::string Signals::wait(const std::function<void()>& on_hangup) {
  while (true) {
    int signal = 0;
    if (sigwait(&set_, &signal) != 0) continue;
    if (signal == SIGHUP) {
      try {
        on_hangup();
      } catch (const std::exception& error) {
        log::error("reload_failed", {{"reason", error.what()}});
      }
      continue;
    }
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    return signal == SIGTERM ? "SIGTERM" : "SIGINT";
  }
}

}  // namespace stoa::app
