#include "support.hpp"

#include <stoa/postgres/migrator.hpp>

#include <stdexcept>

namespace stoa::jobs::test {

JobsTest::JobsTest() {
  config.poll = 10min;
  for (const pg::Migration& migration : pg::migrations()) {
    if (migration.name == "0011_jobs") sql(std::string(migration.sql));
  }
}

Handler JobsTest::counting(const Kind<Errand>& kind) {
  return handle(kind, [this](Errand) -> Task<> {
    ++runs;
    co_return;
  });
}

void JobsTest::enqueue(Queue& queue, const std::string& name, const When& when,
                       const Kind<Errand>& kind) {
  db.run_blocking([&](pg::Tx& tx) { queue.enqueue(tx, kind, Errand{name}, when); });
}

std::vector<ListedJob> JobsTest::jobs() {
  return db.run_blocking([](pg::Tx& tx) { return list_jobs(tx, std::nullopt, false, 1000); });
}

ListedJob JobsTest::job() {
  const auto all = jobs();
  if (all.size() != 1)
    throw std::runtime_error("there are " + std::to_string(all.size()) + " jobs");
  return all.front();
}

}  // namespace stoa::jobs::test
