// A single statement goes over a pipeline or, where it is slow(), over a database thread. Whatever goes wrong, the caller
// is told the same: each fault is a row, and each row is run on both ways.
#include "proxy.hpp"
#include "support.hpp"

#include <functional>
#include <optional>
#include <ostream>

#include <gtest/gtest.h>

namespace stoa::pg::test {
namespace {

constexpr auto kShort = 1000ms;  // longer than a busy machine takes for a statement
constexpr auto kLong = 60000ms;
constexpr const char* kLost = "whose answer is lost";

enum class Way { pipeline, threads };

// What a caller is told, as one text.
std::string told(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const Error& error) {
    return std::string(error.code().wire);
  } catch (const UniqueViolation& violation) {
    return "unique " + violation.constraint;
  } catch (const ForeignKeyViolation& violation) {
    return "foreign " + violation.constraint;
  } catch (const QueryFailure& failure) {
    return "state " + failure.sqlstate;
  } catch (const std::exception& error) {
    return error.what();
  }
}

// A server behind a proxy, one connection a way.
struct World {
  World(Way chosen, std::chrono::milliseconds time_outs) : way(chosen) {
    schema.script(
        "create table items (id integer constraint items_pkey primary key);"
        "create table parts (item integer constraint parts_item_fkey references items);"
        "create table notes (text text);"
        "create sequence runs;"
        "insert into items values (1)");
    DatabaseOptions options;
    options.url = schema.url(proxy.settings());
    options.connections = 1;
    options.queue = 1;
    options.pipelines = 1;
    options.pipeline_depth = 2;
    options.statement_timeout = time_outs;
    options.queue_timeout = time_outs;
    db.emplace(options);
    loop.emplace(*db);
    EXPECT_TRUE(eventually([&] { return ask(query<int>("select 1")) == "1"; }));
  }
  ~World() {
    db->stop();
    loop.reset();
  }

  static std::string text(Count count) { return std::to_string(count.value); }
  static std::string text(std::int64_t number) { return std::to_string(number); }
  static std::string text(std::string answer) { return answer; }

  // The answer, or what was told instead: said on the loop, since exceptions are not handed to another thread.
  template <class Answer>
  static Task<std::string> run(Database* db, Query<Answer> query) {
    try {
      Answer answer = co_await db->run(std::move(query));
      co_return text(std::move(answer));
    } catch (...) {
      co_return told(std::current_exception());
    }
  }

  template <class Answer>
  std::future<std::string> start(Query<Answer> query) {
    if (way == Way::threads) query = std::move(query).slow();
    return loop->start(run<Answer>(&*db, std::move(query)));
  }
  template <class Answer>
  std::string ask(Query<Answer> query) {
    return start(std::move(query)).get();
  }
  std::string count(const std::string& sql) {
    return direct.run_blocking([&](Tx& tx) { return std::to_string(tx.get<std::int64_t>(sql)); });
  }
  DatabaseStats stats() const { return way == Way::pipeline ? db->pipeline_stats() : db->stats(); }

  const Way way;
  Schema schema;
  Proxy proxy;
  Database direct{schema.options(1)};
  std::optional<Database> db;
  std::optional<Loop> loop;
};

// Ends its backend the first time and answers the second.
constexpr char kKillOnce[] =
    "select case when nextval('runs') = 1 then pg_terminate_backend(pg_backend_pid())::text || "
    "pg_sleep(30)::text else 'again' end";

struct Fault {
  const char* name;
  void (*happens)(World& world);
  std::chrono::milliseconds time_outs = kLong;
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

const Fault kFaults[] = {
    {"ABackendThatIsKilledCostsAReadingStatementNothing",
     [](World& world) { EXPECT_EQ(world.ask(query<std::string>(kKillOnce)), "again"); }},

    {"ABackendThatIsKilledLeavesAWriteInDoubt",
     [](World& world) {
       EXPECT_EQ(world.ask(query<std::string>(kKillOnce).writing()), "DB_UNAVAILABLE");
       EXPECT_EQ(world.count("select last_value from runs"), "1");
       EXPECT_TRUE(eventually([&] { return world.ask(query<int>("select 2")) == "2"; }));
     }},

    {"AnIdleConnectionThatIsKilledIsNotWrittenTo",
     [](World& world) {
       const std::string pid = world.ask(query<int>("select pg_backend_pid()"));
       const int before = world.proxy.ended();
       world.count("select pg_terminate_backend(" + pid + ")::integer");
       EXPECT_TRUE(eventually([&] { return world.proxy.ended() > before; }));
       EXPECT_EQ(world.ask(query<Count>("insert into items values (2)")), "1");
       EXPECT_EQ(world.count("select count(*) from items"), "2");
     }},

    {"AReadWhoseAnswerIsLostIsRepeated",
     [](World& world) {
       const auto read = [](const char* but) {
         return query<std::int64_t>("select count(*) from items where $1 <> ''", but);
       };
       EXPECT_EQ(world.ask(read("an answer")), "1");
       world.proxy.lose_answer_to(kLost);
       EXPECT_EQ(world.ask(read(kLost)), "1");
     }},

    {"AWriteWhoseAnswerIsLostIsNot",
     [](World& world) {
       const auto write = [](const char* text) {
         return query<Count>("insert into notes values ($1)", text);
       };
       EXPECT_EQ(world.ask(write("an answer")), "1");
       world.proxy.lose_answer_to(kLost);
       EXPECT_EQ(world.ask(write(kLost)), "DB_UNAVAILABLE");
       EXPECT_EQ(world.count("select count(*) from notes"), "2");  // it did happen, once
     }},

    {"AFrozenServerIsNotWaitedFor",
     [](World& world) {
       world.proxy.freeze(true);
       auto first = world.start(query<int>("select 3"));
       EXPECT_TRUE(eventually([&] { return world.stats().busy == 1; }));
       auto second = world.start(query<int>("select 4"));
       EXPECT_EQ(first.get(), "DB_UNAVAILABLE");
       EXPECT_EQ(second.get(), "DB_UNAVAILABLE");
       world.proxy.freeze(false);
       EXPECT_TRUE(eventually([&] { return world.ask(query<int>("select 5")) == "5"; }));
     },
     kShort},

    {"AServerThatIsAwayIsSaidToBe",
     [](World& world) {
       world.proxy.refuse(true);
       EXPECT_TRUE(eventually([&] { return world.stats().disconnected == 1; }));
       EXPECT_EQ(world.ask(query<int>("select 6")), "DB_UNAVAILABLE");
       EXPECT_EQ(world.ask(query<Count>("insert into items values (3)")), "DB_UNAVAILABLE");
       world.proxy.refuse(false);
       EXPECT_TRUE(eventually([&] { return world.ask(query<int>("select 7")) == "7"; }));
       EXPECT_EQ(world.count("select count(*) from items"), "1");
     }},

    {"AFullQueueRefusesAtOnce",
     [](World& world) {
       Gate gate(world.schema);
       const auto wait = [&] {
         return query<int>("select 8 from pg_advisory_xact_lock_shared($1)", gate.number());
       };
       auto first = world.start(wait());
       EXPECT_TRUE(eventually([&] { return gate.waiting().size() == 1; }));
       auto second = world.start(wait());
       EXPECT_TRUE(eventually(
           [&] { return world.stats().queued == (world.way == Way::pipeline ? 2U : 1U); }));
       EXPECT_EQ(world.ask(query<int>("select 9")), "OVERLOADED");
       EXPECT_EQ(world.stats().refused, 1U);
       gate.open();
       EXPECT_EQ(first.get(), "8");
       EXPECT_EQ(second.get(), "8");
     }},

    {"ASlowStatementIsEndedAndTheConnectionKept",
     [](World& world) {
       const auto pid = [&] { return world.ask(query<int>("select pg_backend_pid()")); };
       const std::string before = pid();
       EXPECT_EQ(world.ask(query<std::string>("select pg_sleep(30)::text")), "DB_UNAVAILABLE");
       EXPECT_EQ(pid(), before);
     },
     kShort},

    {"ConstraintsAreNamed",
     [](World& world) {
       EXPECT_EQ(world.ask(query<Count>("insert into items values (1)")), "unique items_pkey");
       EXPECT_EQ(world.ask(query<Count>("insert into parts values (9)")),
                 "foreign parts_item_fkey");
       EXPECT_EQ(world.ask(query<Count>("insert into items values (10)")), "1");
     }},

    {"NoRowAndTooManyAreToldApart",
     [](World& world) {
       EXPECT_EQ(world.ask(query<int>("select id from items where id = 77")), "NOT_FOUND");
       EXPECT_TRUE(world.ask(query<int>("select generate_series(1, 2)")).starts_with("more than"));
     }},

    {"MistakesInSqlStayExceptions",
     [](World& world) {
       EXPECT_EQ(world.ask(query<int>("select nothing from nowhere")), "state 42P01");
       EXPECT_EQ(world.ask(query<int>("select 1 / $1::integer", 0)), "state 22012");
       EXPECT_EQ(world.ask(query<int>("select 1 / $1::integer", 1)), "1");
     }},

    {"AServerThatCannotIsReplaced",
     [](World& world) {
       world.schema.script(
           "create function refuse() returns text language plpgsql as $$ begin "
           "raise exception using errcode = '57P03'; end $$");
       const auto pid = [&] { return world.ask(query<int>("select pg_backend_pid()")); };
       const std::string before = pid();
       EXPECT_EQ(world.ask(query<std::string>("select refuse()")), "DB_UNAVAILABLE");
       EXPECT_TRUE(eventually([&] { return pid() != before; }));
     }},
};

class Ways : public testing::TestWithParam<std::tuple<Fault, Way>> {};

TEST_P(Ways, AreTheSame) {
  const auto& [fault, way] = GetParam();
  World world(way, fault.time_outs);
  fault.happens(world);
}

INSTANTIATE_TEST_SUITE_P(Faults, Ways,
                         testing::Combine(testing::ValuesIn(kFaults),
                                          testing::Values(Way::pipeline, Way::threads)),
                         [](const auto& row) {
                           return std::string(std::get<Fault>(row.param).name) +
                                  (std::get<Way>(row.param) == Way::pipeline ? "_Pipeline"
                                                                             : "_Threads");
                         });

}  // namespace
}  // namespace stoa::pg::test
