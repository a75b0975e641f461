// Files: what is written is read again, nothing leaves the folder, and nothing is half there.
#include "infra/disk/files.hpp"

#include "support.hpp"

#include <atomic>
#include <csignal>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace stoa::disk::test {
namespace {

namespace fs = std::filesystem;

TEST(AName, LeadsNowhereElse) {
  for (const char* text : {"a", "a/b.txt", "0/1/2/3/4/5/6/7", "a-b_c.d", "a..b"}) {
    EXPECT_TRUE(Name::parse(text)) << text;
  }
  for (const std::string& text :
       {std::string(), std::string("/"), std::string("/etc/passwd"), std::string("a/"),
        std::string("a//b"), std::string("."), std::string(".."), std::string("../a"),
        std::string("a/../../b"), std::string("a/.hidden"), std::string(".parts/x"),
        std::string("a\\b"), std::string("A"), std::string("a b"), std::string("a\0b", 3),
        std::string("\xC3\xA4"), std::string("0/1/2/3/4/5/6/7/8"), std::string(129, 'a')}) {
    EXPECT_FALSE(Name::parse(text)) << text;
  }
  const auto id = Uuid::parse("018f0000-0000-7000-8000-0000000000ab");
  EXPECT_EQ(Name::of(*id).str(), "ab/018f0000-0000-7000-8000-0000000000ab");
  EXPECT_EQ(Name::parse(Name::of(*id).str()), Name::of(*id));
}

// Any part of a long file can be checked by it.
std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

TEST_F(DiskTest, ReadsInAnyRangeWhatWasWrittenPieceByPiece) {
  const Folder folder = start();
  const std::string whole = pattern(1'000'003);
  run([&]() -> Task<> {
    Writer writer = co_await folder.create(name("a/b/film"), whole.size());
    for (std::size_t at = 0; at < whole.size(); at += 70'001) {
      co_await writer.write(std::string_view(whole).substr(at, 70'001));
    }
    EXPECT_EQ(writer.size(), whole.size());
    EXPECT_FALSE(fs::exists(path / "a/b/film"));
    co_await writer.commit();
    EXPECT_TRUE(fs::exists(path / "a/b/film"));

    Reader reader = co_await folder.open(name("a/b/film"));
    EXPECT_EQ(reader.size(), whole.size());
    EXPECT_LT(now() - reader.modified(), std::chrono::hours(1));
    for (const std::size_t from : {std::size_t{0}, std::size_t{999'999}, std::size_t{131'000}}) {
      std::string read;
      for (;;) {
        const auto piece = co_await reader.read(from + read.size(), 50'000);
        if (piece.empty()) break;
        EXPECT_LE(piece.size(), 50'000u);
        read += piece;
      }
      EXPECT_TRUE(read == whole.substr(from)) << from;
    }
    const auto beyond = co_await reader.read(whole.size(), 10);
    EXPECT_EQ(beyond, "");
  });
  struct stat status = {};
  ASSERT_EQ(::stat((path / "a/b/film").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(parts(), 0u);
}

TEST_F(DiskTest, ReplacesRenamesAndRemoves) {
  const Folder folder = start();
  run([&]() -> Task<> {
    co_await folder.write(name("note"), "first");
    Reader old = co_await folder.open(name("note"));
    co_await folder.write(name("note"), "second");
    const auto before = co_await old.read(0, 100);
    EXPECT_EQ(before, "first");  // who reads it goes on reading it
    co_await folder.rename(name("note"), name("kept/note"));
    const std::string after = co_await folder.read(name("kept/note"), 6);
    EXPECT_EQ(after, "second");
    const bool was_there = co_await folder.remove(name("kept/note"));
    const bool is_there = co_await folder.remove(name("kept/note"));
    const bool has_folder = co_await folder.remove(name("nowhere/note"));
    EXPECT_TRUE(was_there);
    EXPECT_FALSE(is_there);
    EXPECT_FALSE(has_folder);
  });
  const auto reads = [&](std::size_t most) {
    return refusal([&]() -> Task<> { co_await folder.read(name("long"), most); });
  };
  EXPECT_EQ(reads(10), Code::not_found);
  run([&]() -> Task<> { co_await folder.write(name("long"), "12345678901"); });
  EXPECT_EQ(reads(10), Code::too_large);
  EXPECT_EQ(reads(11), std::nullopt);
}

TEST_F(DiskTest, FollowsNoLinkOutOfItsFolder) {
  const Folder folder = start();
  const fs::path outside = path.parent_path() / "outside";
  fs::create_directories(outside);
  std::ofstream(outside / "secret") << "secret";
  fs::create_symlink(outside / "secret", path / "link");
  fs::create_directory_symlink(outside, path / "door");
  fs::create_directory(path / "folder");
  ASSERT_EQ(::mkfifo((path / "pipe").c_str(), 0600), 0);
  for (const char* text : {"link", "door/secret", "folder", "pipe", "link/x"}) {
    EXPECT_EQ(refusal([&]() -> Task<> { co_await folder.open(name(text)); }), Code::not_found)
        << text;
  }
  EXPECT_THROW(run([&]() -> Task<> { co_await folder.write(name("door/new"), "x"); }),
               std::system_error);
  EXPECT_EQ(refusal([&]() -> Task<> { co_await folder.rename(name("door/secret"), name("mine")); }),
            Code::not_found);
  run([&]() -> Task<> {
    co_await folder.remove(name("door/secret"));
    co_await folder.write(name("link"), "own");  // takes the link's place
  });
  EXPECT_EQ(content(outside / "secret"), "secret");
  EXPECT_EQ(content(path / "link"), "own");
  EXPECT_FALSE(fs::exists(outside / "new"));
  EXPECT_EQ(parts(), 0u);
}

TEST_F(DiskTest, ForgetsWhatIsNotCommitted) {
  const Folder folder = start();
  run([&]() -> Task<> {
    co_await folder.write(name("note"), "old");
    {
      Writer writer = co_await folder.create(name("note"));
      co_await writer.write(pattern(600'000));
      EXPECT_EQ(parts(), 1u);
    }
  });
  EXPECT_TRUE(eventually([&] { return parts() == 0; }));
  EXPECT_EQ(content(path / "note"), "old");
}

TEST_F(DiskTest, FindsNothingHalfWrittenAfterACrash) {
  const pid_t child = ::fork();
  if (child == 0) {
    const Folder folder = start();
    run([&]() -> Task<> {
      co_await folder.write(name("note"), "old");
      Writer writer = co_await folder.create(name("note"));
      co_await writer.write(pattern(600'000));
      ::kill(::getpid(), SIGKILL);
    });
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(parts(), 1u);
  start();
  EXPECT_EQ(parts(), 0u);
  EXPECT_EQ(content(path / "note"), "old");
}

TEST_F(DiskTest, LeavesAloneWhatAnotherProcessIsWriting) {
  const Folder folder = start();
  Metrics metrics;
  Disk another(config, metrics);
  another.folder("test", path);
  run([&]() -> Task<> {
    Writer writer = co_await folder.create(name("note"));
    another.start();
    co_await writer.write("whole");
    co_await writer.commit();
  });
  EXPECT_EQ(content(path / "note"), "whole");
}

TEST_F(DiskTest, MakesAnotherPartWhereASweepTookTheFirst) {
  fs::create_directories(path);
  const Root root = open_root(path.string());
  std::atomic<bool> is_over = false;
  std::thread sweeping([&] {
    while (!is_over) {
      sweep(root);
      std::this_thread::yield();
    }
  });
  int lost = 0, refused = 0;
  for (int i = 0; i < 3000; ++i) {
    try {
      const Part part = create_part(root);
      if (::faccessat(root.parts.get(), part.name.c_str(), F_OK, 0) != 0) ++lost;
      discard(root, part);
    } catch (const std::exception&) {
      ++refused;  // sweeps without an end may take each that it tries
    }
  }
  is_over = true;
  sweeping.join();
  EXPECT_EQ(lost, 0);
  EXPECT_LT(refused, 3000);
}

// It is a fault of the machine, and no answer to who asked for something else.
TEST_F(DiskTest, DoesNotCallItNotFoundWhenItsOwnFolderIsGone) {
  const Folder folder = start();
  fs::remove_all(path / ".parts");
  EXPECT_THROW(run([&]() -> Task<> { co_await folder.write(name("note"), "x"); }),
               std::system_error);
  EXPECT_EQ(refusal([&]() -> Task<> { co_await folder.open(name("note")); }), Code::not_found);
  EXPECT_EQ(refusal([&]() -> Task<> { co_await folder.rename(name("note"), name("other")); }),
            Code::not_found);
}

TEST_F(DiskTest, SaysWhichFolderItCannotUse) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "a file";
  try {
    start();
    FAIL() << "used a file as a folder";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << error.what();
  }
}

TEST_F(DiskTest, KeepsRoomForOthers) {
  config.keep_free_bytes = {std::size_t{1} << 60U};
  const Folder full = start();
  EXPECT_EQ(refusal([&]() -> Task<> { co_await full.create(name("note")); }), Code::storage_full);
  EXPECT_EQ(refusal([&]() -> Task<> { co_await full.write(name("note"), "x"); }),
            Code::storage_full);
  config.keep_free_bytes = {0};
  const Folder folder = start();
  EXPECT_EQ(
      refusal([&]() -> Task<> { co_await folder.create(name("note"), std::uint64_t{1} << 60U); }),
      Code::storage_full);
  EXPECT_EQ(parts(), 0u);
  EXPECT_FALSE(fs::exists(path / "note"));
}

TEST(AFullDevice, IsNoRoom) {
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  try {
    write_all(full, "x");
    FAIL() << "written";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::storage_full);
  }
  const auto code_of = [](int error) -> std::optional<Code> {
    try {
      fail(error, "test");
    } catch (const Error& thrown) {
      return thrown.code();
    } catch (const std::system_error&) {
      return std::nullopt;
    }
  };
  EXPECT_EQ(code_of(EDQUOT), Code::storage_full);
  EXPECT_EQ(code_of(EMFILE), Code::overloaded);
  EXPECT_EQ(code_of(ENFILE), Code::overloaded);
  EXPECT_EQ(code_of(EIO), std::nullopt);
}

// Ends the bound on the size of files that the process may write.
struct Unbounded {
  rlimit before{};
  explicit Unbounded(rlim_t size) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit bound{size, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &bound);
  }
  ~Unbounded() { ::setrlimit(RLIMIT_FSIZE, &before); }
};

TEST_F(DiskTest, ForgetsAFileThatCannotBeWrittenOn) {
  const Folder folder = start();
  run([&]() -> Task<> { co_await folder.write(name("note"), "old"); });
  std::optional<Code> code;
  {
    const Unbounded end(400'000);
    run([&]() -> Task<> {
      Writer writer = co_await folder.create(name("note"));
      try {
        for (int i = 0; i < 20; ++i) co_await writer.write(pattern(64'000));
      } catch (const Error& error) {
        code = error.code();
      }
      // Not tried again: what was said to be written may be lost by then.
      EXPECT_THROW(co_await writer.commit(), std::logic_error);
    });
  }
  EXPECT_EQ(code, Code::too_large);
  EXPECT_TRUE(eventually([&] { return parts() == 0; }));
  EXPECT_EQ(content(path / "note"), "old");
}

}  // namespace
}  // namespace stoa::disk::test
