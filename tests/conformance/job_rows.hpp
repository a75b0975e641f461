#pragma once
// A trial kind of job: an errand, which puts its name into a table. Of the tables (tests/integration/durability/jobs.test.mjs
// makes them) `asked` has what was asked for, `runs` each run of a handler, `effects` what came of it.
#include <stoa/core/values.hpp>
#include <stoa/http/route.hpp>
#include <stoa/jobs/queue.hpp>

#include <boost/describe/class.hpp>

namespace stoa {

struct Errand {
  Text<1, 100> name;
  bool ends_itself =
      false;  // in the transaction of its effect; else that has no effect the second time
  BOOST_DESCRIBE_CLASS(Errand, (), (name, ends_itself), (), ())
};
struct Accepted {
  bool is_new = false;
  BOOST_DESCRIBE_CLASS(Accepted, (), (is_new), (), ())
};

class JobRows {
 public:
  JobRows(pg::Database& db, jobs::Queue& queue) : db_(db), queue_(queue) {}

  http::Routes routes();
  jobs::Handlers handlers();
  // May be asked for again.
  Task<Accepted> ask(Visitor visitor, Errand errand);

 private:
  Task<> run(Errand errand, jobs::Attempt attempt);

  pg::Database& db_;
  jobs::Queue& queue_;
};

}  // namespace stoa
