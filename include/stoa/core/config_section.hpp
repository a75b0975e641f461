#pragma once
// A feature's part of the configuration: a described struct with its defaults, and the checks that need a range or
// more than one key. A feature names it in its row; nothing else lists it.
//
//   struct CallsConfig { std::size_t max_peers = 12; };
//   BOOST_DESCRIBE_STRUCT(CallsConfig, (), (max_peers))
//   void check(const CallsConfig& calls, const Config& all);          // throws ConfigError
//
//   config::section<CallsConfig, &check>("calls")                     // [calls] max_peers, STOA_CALLS_MAX_PEERS
//   config.section<CallsConfig>().max_peers
#include <stoa/core/config_field.hpp>

#include <memory>
#include <string_view>
#include <typeindex>
#include <typeinfo>

namespace stoa {

struct Config;

namespace config {

class Section {
 public:
  virtual ~Section() = default;
  virtual std::string_view name() const noexcept = 0;
  virtual std::type_index type() const noexcept = 0;
  virtual const void* values() const noexcept = 0;
  virtual Table table() = 0;
  virtual void check(const Config& all) const = 0;
};

struct SectionType {
  std::string_view name;
  std::shared_ptr<Section> (*make)(std::string_view name);
};

template <class T, void (*Check)(const T&, const Config&)>
SectionType section(std::string_view called) {
  class Typed final : public Section {
   public:
    explicit Typed(std::string_view name) : name_(name) {}
    std::string_view name() const noexcept override { return name_; }
    std::type_index type() const noexcept override { return typeid(T); }
    const void* values() const noexcept override { return &values_; }
    Table table() override { return table_of(values_); }
    void check(const Config& all) const override { Check(values_, all); }

   private:
    std::string_view name_;
    T values_;
  };
  return {called, [](std::string_view of) -> std::shared_ptr<Section> {
            return std::make_shared<Typed>(of);
          }};
}

}  // namespace config
}  // namespace stoa
