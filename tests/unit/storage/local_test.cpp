// The engine that keeps objects in a folder, and what objects are called.
#include "infra/storage/local.hpp"

#include "../disk/support.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::storage {
namespace {

Uuid some_id() {
  return *Uuid::parse("018f2c8a-1111-7222-8333-4444555566a7");
}

class LocalStorage : public disk::test::DiskTest {
 protected:
  Task<> put(Key key, std::string bytes) {
    const NewObject wanted{.expected = bytes.size()};
    const auto sink = co_await storage->create(key, wanted);
    co_await sink->write(bytes);
    co_await sink->commit();
  }
  Task<std::string> get(Key key) {
    const auto object = co_await storage->open(key);
    std::string all;
    for (;;) {
      const auto piece = co_await object->read(all.size(), 3);
      if (piece.empty()) break;
      all += piece;
    }
    EXPECT_EQ(all.size(), object->size());
    co_return all;
  }

  std::unique_ptr<Storage> storage = make_local(start());
};

TEST(Keys, AreMadeOfAnIdAndSpreadOverFolders) {
  EXPECT_EQ(Key::of("files", some_id()).str(), "files/a7/018f2c8a-1111-7222-8333-4444555566a7");
  EXPECT_EQ(Key::of("avatars", some_id(), "512").str(),
            "avatars/a7/018f2c8a-1111-7222-8333-4444555566a7.512");
}

TEST_F(LocalStorage, GivesBackWhatItWasGiven) {
  disk::test::run([this]() -> Task<> {
    const Key key = Key::of("files", some_id());
    co_await put(key, "0123456789");
    EXPECT_EQ(co_await get(key), "0123456789");
    EXPECT_TRUE(co_await storage->remove(key));
    EXPECT_FALSE(co_await storage->remove(key));
  });
}

TEST_F(LocalStorage, HasNothingBeforeTheCommit) {
  disk::test::run([this]() -> Task<> {
    const Key key = Key::of("files", some_id());
    {
      const NewObject wanted;
      const auto sink = co_await storage->create(key, wanted);
      co_await sink->write("half");
      EXPECT_THROW(co_await storage->open(key), Error);
    }
    EXPECT_THROW(co_await storage->open(key), Error);
  });
}

TEST_F(LocalStorage, Copies) {
  disk::test::run([this]() -> Task<> {
    const Key from = Key::of("staged", some_id()), to = Key::of("files", some_id());
    const std::string bytes(700'000, 'x');
    co_await put(from, bytes);
    co_await storage->copy(from, to);
    EXPECT_EQ(co_await get(to), bytes);
    EXPECT_EQ(co_await get(from), bytes);
  });
}

TEST(Listed, IsWhatAKeyIsCalledAndNothingElse) {
  const std::string id = some_id().str();
  EXPECT_EQ(Listed::parse(id)->part, "");
  EXPECT_EQ(Listed::parse(id + ".512")->part, "512");
  EXPECT_EQ(Listed::parse(id + ".512")->id, some_id());
  for (const std::string& name :
       {id + ".", id + ".5.1", id + ".A", "." + id, id + "x", std::string()}) {
    EXPECT_FALSE(Listed::parse(name)) << name;
  }
}

TEST_F(LocalStorage, ListsTheObjectsOfAFolder) {
  disk::test::run([this]() -> Task<> {
    const Uuid other = *Uuid::parse("018f2c8a-1111-7222-8333-4444555566a8");
    EXPECT_TRUE((co_await storage->list("files", 0xa7)).empty());
    co_await put(Key::of("files", some_id()), "0");
    co_await put(Key::of("files", some_id(), "512"), "a part of it");
    co_await put(Key::of("files", other), "1");
    co_await put(Key::of("incoming", other), "2");
    const auto names = [this](std::uint8_t part) -> Task<std::set<std::string>> {
      std::set<std::string> found;
      const auto listed = co_await storage->list("files", part);
      for (const Listed& one : listed) {
        found.insert(Key::of("files", one.id, one.part).str());
      }
      co_return found;
    };
    const std::set<std::string> whole_and_part = {Key::of("files", some_id()).str(),
                                                  Key::of("files", some_id(), "512").str()};
    const std::set<std::string> whole = {Key::of("files", other).str()};
    EXPECT_EQ(co_await names(0xa7), whole_and_part);
    EXPECT_EQ(co_await names(0xa8), whole);
  });
}

}  // namespace
}  // namespace stoa::storage
