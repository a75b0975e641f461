#include <stoa/module/assembly.hpp>

#include <set>
#include <stdexcept>

namespace stoa {
namespace {

// Names of one kind, each once.
class Names {
 public:
  explicit Names(const char* what) : what_(what) {}
  void add(std::string_view name) {
    if (seen_.insert(name).second) return;
    throw std::logic_error(std::string(what_) + " stands there twice: " + std::string(name));
  }

 private:
  const char* what_;
  std::set<std::string_view> seen_;
};

// The one that is there.
Authenticator& only(const std::vector<Module>& modules, Authenticator* Module::* member) {
  Authenticator* found = nullptr;
  for (const Module& module : modules) {
    if (module.*member == nullptr) continue;
    if (found != nullptr) throw std::logic_error("two features say who a client is");
    found = module.*member;
  }
  if (found == nullptr) throw std::logic_error("no feature says who a client is");
  return *found;
}

template <class List>
void append(List& all, const List& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::vector<config::SectionType> sections_of(std::span<const Feature> features) {
  std::vector<config::SectionType> all;
  for (const Feature& feature : features) append(all, feature.sections);
  return all;
}

Assembly::Assembly(std::span<const Feature> features, const Base& base) {
  Names names("a feature");
  Names codes("an error code");
  Names topics("a kind of topic");
  const auto add_code = [&](const Code& code) {
    codes.add(code.wire);
    codes_.push_back(code);
  };
  for (const Code& code : common_codes()) add_code(code);
  topics.add(realtime::kUserTopic.name);
  const Platform on{base.config, base.version, base.db,      base.jobs,    base.fetch,
                    base.disk,   base.storage, base.runtime, base.gateway, base.gateway.hub(),
                    base.roster, base.limiter, services_,    people_};
  for (const Feature& feature : features) {
    names.add(feature.name);
    for (const Code& code : feature.codes) add_code(code);
    for (const auto* topic : feature.topics) topics.add(topic->name);
    modules_.push_back(feature.make(on));
    const Module& made = modules_.back();
    people_.leaving.push_back(made.leaving);
    append(people_.exports, made.exports);
  }
}

Assembly::~Assembly() {
  while (!modules_.empty()) modules_.pop_back();
}

std::vector<http::Routes> Assembly::routes() const {
  std::vector<http::Routes> all;
  for (const Module& module : modules_) all.push_back(module.routes);
  return all;
}

std::vector<realtime::Events> Assembly::events() const {
  std::vector<realtime::Events> all;
  for (const Module& module : modules_) all.push_back(module.events);
  return all;
}

realtime::OutgoingTable Assembly::sends() const {
  realtime::OutgoingTable all;
  for (const Module& module : modules_) append(all, module.sends);
  return all;
}

std::vector<realtime::SessionObserver*> Assembly::observers() const {
  std::vector<realtime::SessionObserver*> all;
  for (auto module = modules_.rbegin(); module != modules_.rend(); ++module) {
    if (module->observer != nullptr) all.push_back(module->observer);
  }
  return all;
}

Upgrades Assembly::upgrades() const {
  Upgrades all;
  for (const Module& module : modules_) append(all, module.upgrades);
  return all;
}

void Assembly::add_jobs(jobs::Queue& queue) const {
  for (const Module& module : modules_) {
    queue.add(module.jobs);
    queue.add(module.chores);
  }
}

Authenticator& Assembly::authenticator() const {
  return only(modules_, &Module::authenticator);
}
Authenticator& Assembly::socket_authenticator() const {
  return only(modules_, &Module::socket_authenticator);
}

void Assembly::bind(Metrics& metrics) const {
  for (const Module& module : modules_) {
    if (module.metrics) module.metrics(metrics);
  }
}

void Assembly::check() const {
  for (const Module& module : modules_) {
    if (module.check) module.check();
  }
}

void Assembly::stop() {
  for (const Module& module : modules_) {
    if (module.stop) module.stop();
  }
}

}  // namespace stoa
