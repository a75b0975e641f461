#pragma once
// The composition root: builds every part in order and stops them in reverse. Built without touching the
// database, so that the documents can be printed anywhere; serve() does the rest. Used on the main thread.
#include "app/signals.hpp"

#include <stoa/core/config.hpp>

#include <memory>
#include <string>

namespace stoa::app {

class Application {
 public:
  // `config` must outlive it.
  explicit Application(const Config& config);
  ~Application();

  const std::string& openapi() const;
  const std::string& asyncapi() const;

  // Migrates, serves until SIGTERM or SIGINT, drains and stops. A second signal ends the process at once.
  void serve(Signals& signals);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace stoa::app
