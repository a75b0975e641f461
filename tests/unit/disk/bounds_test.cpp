// How much is done at once, and how it ends.
#include "infra/disk/core.hpp"
#include "support.hpp"

#include <future>
#include <latch>
#include <thread>

namespace stoa::disk::test {
namespace {

TEST_F(DiskTest, HasNoMoreFilesOpenThanConfigured) {
  config.max_open_files = 2;
  const Folder folder = start();
  run([&]() -> Task<> {
    co_await folder.write(name("note"), "text");
    {
      Reader one = co_await folder.open(name("note"));
      Writer two = co_await folder.create(name("other"));
      std::optional<Code> code;
      try {
        co_await folder.open(name("note"));
      } catch (const Error& error) {
        code = error.code();
      }
      EXPECT_EQ(code, Code::overloaded);
    }
  });
  EXPECT_NE(metrics().find("stoa_disk_open_files 0\n"), std::string::npos);
  run([&]() -> Task<> { co_await folder.read(name("note"), 10); });
}

// A thread of the disk that is held up until the gate opens.
class HeldDisk : public DiskTest {
 protected:
  Task<> hold() {
    auto work = [this] {
      is_held = true;
      gate.wait();
    };
    return core->run(Operation::read, std::move(work));
  }
  void spawn(asio::io_context& io, Task<> task, std::optional<Code>* refused) {
    asio::co_spawn(io, std::move(task), [refused](std::exception_ptr error) {
      try {
        if (error) std::rethrow_exception(error);
      } catch (const Error& thrown) {
        *refused = thrown.code();
      }
    });
  }

  Metrics metrics;
  std::latch gate{1};
  std::atomic<bool> is_held = false;
  std::shared_ptr<Core> core = std::make_shared<Core>(
      config::Disk{.threads = 1, .queue = 1, .keep_free_bytes = {0}}, metrics);
};

TEST_F(HeldDisk, RefusesWhatHasNoPlaceInTheQueue) {
  asio::io_context io;
  std::array<std::optional<Code>, 3> refused;
  spawn(io, hold(), &refused[0]);
  io.poll();
  ASSERT_TRUE(eventually([&] { return is_held.load(); }));
  spawn(io, hold(), &refused[1]);
  spawn(io, hold(), &refused[2]);
  io.poll();
  EXPECT_EQ(refused[1], std::nullopt);
  EXPECT_EQ(refused[2], Code::overloaded);
  gate.count_down();
  io.run();
  EXPECT_EQ(refused[0], std::nullopt);
  EXPECT_EQ(refused[1], std::nullopt);
}

TEST_F(HeldDisk, RefusesNothingOfAFileThatIsOpen) {
  const auto place = core->add("test", path.string());
  core->start();
  const auto opened = [&] {
    core->take_seat();
    return std::make_shared<OpenFile>(core, place);
  };
  std::filesystem::create_directories(path);
  std::ofstream(path / "film") << "frames";
  const auto film = opened();
  film->part.fd = open_file(place->root, name("film"));
  film->size = 6;
  const auto upload = opened();
  upload->part = create_part(place->root);

  asio::io_context io;
  std::array<std::optional<Code>, 5> refused;
  spawn(io, hold(), &refused[0]);
  io.poll();
  ASSERT_TRUE(eventually([&] { return is_held.load(); }));
  spawn(io, hold(), &refused[1]);
  spawn(io, hold(), &refused[2]);
  std::string seen;
  auto download = [&]() -> Task<> {
    Reader reader(film);
    const auto piece = co_await reader.read(0, 10);
    seen = piece;
  };
  auto finish = [&]() -> Task<> {
    Writer writer(upload, name("note"));
    co_await writer.write(std::string(300'000, 'x'));
    co_await writer.write("end");
    co_await writer.commit();
  };
  spawn(io, download(), &refused[3]);
  spawn(io, finish(), &refused[4]);
  io.poll();
  EXPECT_EQ(refused[2], Code::overloaded);
  gate.count_down();
  io.run();
  EXPECT_EQ(refused[3], std::nullopt);
  EXPECT_EQ(refused[4], std::nullopt);
  EXPECT_EQ(seen, "frames");
  EXPECT_EQ(content(path / "note").size(), 300'003u);
  core->stop();
}

TEST_F(HeldDisk, EndsWhatRunsRefusesWhatWaitsAndClosesWhatIsOpen) {
  asio::io_context io;
  std::array<std::optional<Code>, 2> refused;
  bool is_closed = false;
  spawn(io, hold(), &refused[0]);
  io.poll();
  ASSERT_TRUE(eventually([&] { return is_held.load(); }));
  spawn(io, hold(), &refused[1]);
  io.poll();
  core->post([&] { is_closed = true; });  // has a place whatever waits
  std::thread stopping([&] { core->stop(); });
  gate.count_down();
  stopping.join();
  io.run();
  EXPECT_EQ(refused[0], std::nullopt);
  // Whichever came first, the end or its turn.
  EXPECT_TRUE(!refused[1] || refused[1] == Code::shutting_down);
  EXPECT_TRUE(is_closed);
}

TEST_F(DiskTest, StopsWithFilesOpen) {
  const Folder folder = start();
  std::optional<Reader> reader;
  std::optional<Writer> writer;
  run([&]() -> Task<> {
    co_await folder.write(name("note"), "text");
    reader.emplace(co_await folder.open(name("note")));
    writer.emplace(co_await folder.create(name("other")));
    co_await writer->write("half");
  });
  disk().stop();
  EXPECT_EQ(refusal([&]() -> Task<> { co_await writer->commit(); }), Code::shutting_down);
  EXPECT_EQ(refusal([&]() -> Task<> { co_await reader->read(0, 4); }), Code::shutting_down);
  writer.reset();
  reader.reset();
  EXPECT_EQ(parts(), 0u);
  EXPECT_FALSE(std::filesystem::exists(path / "other"));
}

TEST_F(DiskTest, CountsWhatItDoes) {
  const Folder folder = start();
  run([&]() -> Task<> {
    co_await folder.write(name("note"), "text");
    const std::string text = co_await folder.read(name("note"), 10);
    EXPECT_EQ(text, "text");
  });
  EXPECT_TRUE(refusal([&]() -> Task<> { co_await folder.open(name("nothing")); }));
  const std::string text = metrics();
  for (const char* line : {"stoa_disk_operations_total{operation=\"write\",outcome=\"done\"} 1\n",
                           "stoa_disk_operations_total{operation=\"open\",outcome=\"failed\"} 1\n",
                           "stoa_disk_bytes_total{direction=\"read\"} 4\n",
                           "stoa_disk_bytes_total{direction=\"written\"} 4\n",
                           "stoa_disk_seconds_count{operation=\"read\"} 1\n",
                           "stoa_workers_queue{pool=\"disk\"} 0\n"}) {
    const std::string wanted(line);
    const auto has = [&] { return text.find(wanted) != std::string::npos; };
    EXPECT_TRUE(has()) << line << text;
  }
  EXPECT_EQ(text.find("stoa_disk_free_bytes{folder=\"test\"} 0\n"), std::string::npos);
}

}  // namespace
}  // namespace stoa::disk::test
