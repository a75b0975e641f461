#pragma once
// What PostgreSQL reads for a statement of a store, as a test of its plan.
#include "support.hpp"

#include <stoa/postgres/query.hpp>

#include <functional>
#include <string>
#include <vector>

namespace stoa::pg::test {

// The plan with the fewest pages of three readings. PostgreSQL counts the pages of its catalogs with a statement's own, and reads
// hundreds of them again whenever another test of the database has made or dropped tables meanwhile.
// `explain`: runs "explain (analyze, buffers, format json) ..." and gives what it answered.
struct Explained {
  int pages = 0;     // of PostgreSQL's memory or disk
  std::string plan;  // JSON
};
Explained least_of(const std::function<std::string()>& explain);

struct Reading {
  int pages = 0;  // each time that one is looked at, where nobody disturbs
  std::vector<std::string>
      walked;  // tables of more than 10,000 rows that are read from their beginning
  std::string plan;
};

// Runs it and undoes it. slow() is planned for its values; what is not is prepared and was run some times before, as on a
// connection of the server's, so that PostgreSQL may have a plan for any values. No value may be a list.
Reading reading_of(const Schema& schema, const Statement& statement);

// Fails the test where it walks a large table or looks at more pages.
void expect_few_pages(const Schema& schema, const std::string& what, const Statement& statement,
                      int most = 400);

}  // namespace stoa::pg::test
