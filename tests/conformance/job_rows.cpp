#include "job_rows.hpp"

namespace stoa {
namespace {

constexpr jobs::Kind<Errand> kErrand{"errand"};

}  // namespace

http::Routes JobRows::routes() {
  using enum http::Method;
  return {
      {post, "/errands", Who::anyone, Limit::none, "Asks for an errand",
       http::endpoint<&JobRows::ask>(*this)},
  };
}

jobs::Handlers JobRows::handlers() {
  return {jobs::handle(kErrand, [this](Errand errand, jobs::Attempt attempt) {
    return run(std::move(errand), std::move(attempt));
  })};
}

Task<Accepted> JobRows::ask(Visitor, Errand errand) {
  auto work = [this, errand = std::move(errand)](pg::Tx& tx) {
    const auto added = tx.run("insert into asked values ($1) on conflict do nothing", errand.name);
    if (added > 0) queue_.enqueue(tx, kErrand, errand, {.key = errand.name.value});
    return Accepted{added > 0};
  };
  const Accepted accepted = co_await db_.transaction(std::move(work));
  co_return accepted;
}

Task<> JobRows::run(Errand errand, jobs::Attempt attempt) {
  auto count = [name = errand.name](pg::Tx& tx) { tx.run("insert into runs values ($1)", name); };
  co_await db_.transaction(std::move(count));
  auto work = [errand = std::move(errand), attempt](pg::Tx& tx) {
    if (errand.ends_itself) {
      tx.run("insert into effects (name) values ($1)", errand.name);
      attempt.finish(tx);
    } else {
      tx.run("insert into effects (name, job) values ($1, $2) on conflict (job) do nothing",
             errand.name, attempt.job());
    }
  };
  co_await db_.transaction(std::move(work));
}

}  // namespace stoa
