#include "plans.hpp"

#include <stoa/core/json.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <pqxx/connection>
#include <pqxx/result>
#include <pqxx/subtransaction>
#include <pqxx/transaction>

namespace stoa::pg::test {
namespace {

constexpr char kLarge[] =
    "select relname from pg_class where relnamespace = current_schema()::regnamespace"
    " and relkind = 'r' and reltuples > 10000";

void add_walked(const Json& node, std::vector<std::string>& walked) {
  constexpr int kFew = 10'000;  // rows: a limit may be met before the end
  const int passed = node.value("Actual Rows", 0) + node.value("Rows Removed by Filter", 0);
  if (node.at("Node Type") == "Seq Scan" && passed > kFew) {
    walked.push_back(node.at("Relation Name").get<std::string>());
  }
  if (!node.contains("Plans")) return;
  for (const Json& below : node.at("Plans")) add_walked(below, walked);
}

void expect_few(const std::string& what, const Reading& reading, int most) {
  for (const std::string& table : reading.walked) {
    ADD_FAILURE() << what << " walks " << table << "\n" << reading.plan;
  }
  if (reading.pages > most) {
    ADD_FAILURE() << what << " reads " << reading.pages << " pages, and may " << most << "\n"
                  << reading.plan;
  }
}

Json plan_of(const std::string& explained) {
  return Json::parse(explained)[0].at("Plan");
}

}  // namespace

Explained least_of(const std::function<std::string()>& explain) {
  constexpr int kReadings = 3;
  Explained least;
  for (int reading = 0; reading < kReadings; ++reading) {
    std::string text = explain();
    const Json plan = plan_of(text);
    const int pages =
        plan.at("Shared Hit Blocks").get<int>() + plan.at("Shared Read Blocks").get<int>();
    if (reading == 0 || pages < least.pages) least = {pages, std::move(text)};
  }
  return least;
}

Reading reading_of(const Schema& schema, const Statement& statement) {
  constexpr int kBefore = 5;  // from then on PostgreSQL compares both plans
  pqxx::connection connection(schema.url());
  pqxx::work work(connection);
  work.exec("prepare one as " + std::string(std::string_view(statement.sql)));
  std::string values;
  for (std::size_t i = 0; i < statement.params.size(); ++i) {
    values += values.empty() ? "(" : ", ";
    values +=
        statement.params.is_null(i) ? "null" : work.quote(std::string(statement.params.at(i)));
  }
  if (!values.empty()) values += ')';
  for (int i = 0; i < kBefore && !statement.is_slow; ++i) work.exec("explain execute one" + values);
  const auto explained = least_of([&] {
    pqxx::subtransaction undone(work);
    const auto rows = undone.exec("explain (analyze, buffers, format json) execute one" + values);
    return rows[0][0].as<std::string>();
  });
  Reading reading{explained.pages, {}, explained.plan};
  std::vector<std::string> all;
  add_walked(plan_of(explained.plan), all);
  for (const auto& large : work.exec(kLarge)) {
    const auto name = large[0].as<std::string>();
    if (std::find(all.begin(), all.end(), name) != all.end()) reading.walked.push_back(name);
  }
  return reading;
}

void expect_few_pages(const Schema& schema, const std::string& what, const Statement& statement,
                      int most) {
  expect_few(what, reading_of(schema, statement), most);
}

}  // namespace stoa::pg::test
