// What is done every so often: in slices, in turns, on one node at a time.
#include "support.hpp"

#include <stdexcept>

namespace stoa::jobs::test {
namespace {

TEST_F(JobsTest, AChoreIsDoneSliceBySliceAndThenAgainLater) {
  sql("create table rubbish as select n from generate_series(1, 25) n");
  config.chore_slice = 10;
  std::vector<std::int64_t> slices;
  Node node(db, config, {},
            {{"rubbish", [&](pg::Tx& tx, int most) {
                const auto gone =
                    tx.run("delete from rubbish where n in (select n from rubbish limit $1)", most);
                slices.push_back(gone);
                return gone;
              }}});
  ASSERT_TRUE(eventually([&] { return node.queue.stats("rubbish").done == 3; }));
  EXPECT_EQ(slices, (std::vector<std::int64_t>{10, 10, 5}));
  ASSERT_TRUE(eventually([&] { return job().due_at > now() + 50min; }));
  EXPECT_EQ(job().key, "rubbish");
  EXPECT_EQ(job().state, "waiting");
  EXPECT_EQ(job().attempts, 0);
  node.stop();
  // Each start does it, whenever it was due.
  Node again(db, config, {}, {{"rubbish", [&](pg::Tx&, int) {
                                 ++runs;
                                 return 0;
                               }}});
  EXPECT_TRUE(eventually([&] { return runs == 1; }));
}

TEST_F(JobsTest, AChoreIsDoneEverySoOften) {
  Node node(db, config, {},
            {{"often",
              [&](pg::Tx&, int) {
                ++runs;
                return 0;
              },
              1ms}});
  EXPECT_TRUE(eventually([&] { return runs >= 5; }));
}

TEST_F(JobsTest, AChoreWithoutEndKeepsNeitherOthersNorJobsFromBeingDone) {
  config.workers = 1;
  std::atomic<int> endless = 0;
  Node node(db, config, {counting()},
            {{"endless",
              [&](pg::Tx&, int most) {
                ++endless;
                return most;
              }},
             {"short", [&](pg::Tx&, int) {
                ++runs;
                return 0;
              }}});
  ASSERT_TRUE(eventually([&] { return endless >= 10 && runs == 1; }));
  enqueue(node.queue, "a");
  EXPECT_TRUE(eventually([&] { return runs == 2; }));
}

TEST_F(JobsTest, AChoreThatFailsIsTriedAgainAndNeverParked) {
  config.attempts = 1;
  config.first_wait = 1ms;
  Node node(db, config, {},
            {{"shaky",
              [&](pg::Tx&, int) -> std::int64_t {
                if (++runs < 5) throw std::runtime_error("no");
                return 0;
              }},
             {"sound", [](pg::Tx&, int) { return 0; }}});
  ASSERT_TRUE(eventually([&] { return node.queue.stats("shaky").done == 1; }));
  EXPECT_EQ(runs, 5);
  EXPECT_EQ(node.queue.stats("shaky").failed, 4u);
}

TEST_F(JobsTest, AChoreIsDoneOnOneNodeAtATime) {
  config.poll = 1ms;
  std::atomic<int> at_work = 0, most_at_work = 0;
  const Chore chore{"shared",
                    [&](pg::Tx& tx, int) {
                      most_at_work = std::max(most_at_work.load(), ++at_work);
                      tx.run("select pg_sleep(0.005)");
                      --at_work;
                      ++runs;
                      return 0;
                    },
                    1ms};
  Node one(db, config, {}, {chore}), two(db, config, {}, {chore});
  ASSERT_TRUE(eventually([&] {
    return one.queue.stats("shared").done >= 10 && two.queue.stats("shared").done >= 10;
  }));
  one.stop();
  two.stop();
  EXPECT_EQ(most_at_work, 1);
}

}  // namespace
}  // namespace stoa::jobs::test
