#include "app/other_servers.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/log.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::app {
namespace {

constexpr std::string_view kServe = "serve-";
constexpr std::size_t kRandom = 12;  // characters, the last of a UUID

}  // namespace

std::string make_instance() {
  const std::string id = Uuid::v7().str();
  return std::string(kServe) + id.substr(id.size() - kRandom);
}

void OtherServers::start(std::chrono::milliseconds period) {
  look();
  ticker_.emplace(period, [this] {
    try {
      look();
    } catch (const Error&) {
      // The database is away, which is said elsewhere: what was seen last stands.
    }
  });
}

void OtherServers::look() {
  const auto others = db_.run_blocking(
      [&own = db_.options().instance](pg::Tx& tx) {
        return tx.get<std::int64_t>(
            "select count(distinct substring(application_name from 'serve-.{12}$'))"
            " from pg_stat_activity where datname = current_database()"
            " and application_name like '% serve-____________'"
            " and application_name not like '% ' || $1",
            own);
      },
      pg::Mode::autocommit);
  const auto now = static_cast<std::size_t>(others);
  const auto before = count_.exchange(now, std::memory_order_relaxed);
  if (now > before) {
    log::warn(
        "other_servers",
        {{"count", now},
         {"reason",
          "they work on the same database: people on one server do not hear those on another, "
          "and each counts its limits for itself. Stop all but one, unless one takes over "
          "from another"}});
  } else if (now < before && now == 0) {
    log::info("no_other_servers");
  }
}

}  // namespace stoa::app
