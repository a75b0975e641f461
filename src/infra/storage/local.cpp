#include "infra/storage/local.hpp"

#include <stdexcept>
#include <utility>

namespace stoa::storage {
namespace {

constexpr std::size_t kPiece =
    256 * 1024;  // what disk::Writer holds, and how much is copied at a time

disk::Name name_of(const Key& key) {
  auto name = disk::Name::parse(key.str());
  if (!name) throw std::logic_error("no name of a file: " + key.str());
  return *std::move(name);
}

class LocalSink final : public Sink {
 public:
  explicit LocalSink(disk::Writer writer) : writer_(std::move(writer)) {}

  Task<> write(std::string_view piece) override { return writer_.write(piece); }
  Task<> commit() override { return writer_.commit(); }
  std::size_t held() const noexcept override { return kPiece; }

 private:
  disk::Writer writer_;
};

class LocalObject final : public Object {
 public:
  explicit LocalObject(disk::Reader reader) : reader_(std::move(reader)) {}

  std::uint64_t size() const noexcept override { return reader_.size(); }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    return reader_.read(offset, most);
  }

 private:
  disk::Reader reader_;
};

class Local final : public Storage {
 public:
  explicit Local(disk::Folder folder) : folder_(std::move(folder)) {}

  Task<std::unique_ptr<Sink>> create(Key key, NewObject object) override {
    disk::Writer writer = co_await folder_.create(name_of(key), object.expected);
    std::unique_ptr<Sink> sink = std::make_unique<LocalSink>(std::move(writer));
    co_return sink;
  }

  Task<std::unique_ptr<Object>> open(Key key) override {
    disk::Reader reader = co_await folder_.open(name_of(key));
    std::unique_ptr<Object> object = std::make_unique<LocalObject>(std::move(reader));
    co_return object;
  }

  Task<bool> remove(Key key) override { return folder_.remove(name_of(key)); }

  Task<> copy(Key from, Key to) override {
    disk::Reader reader = co_await folder_.open(name_of(from));
    disk::Writer writer = co_await folder_.create(name_of(to), reader.size());
    for (std::uint64_t at = 0;;) {
      const std::string_view piece = co_await reader.read(at, kPiece);
      if (piece.empty()) break;
      at += piece.size();
      co_await writer.write(piece);
    }
    co_await writer.commit();
  }

  Task<std::vector<Listed>> list(std::string_view folder, std::uint8_t part) override {
    std::string path = Key::prefix_of(folder, part);
    path.pop_back();
    disk::Name name = disk::Name::parse(path).value();
    const auto names = co_await folder_.list(std::move(name));
    std::vector<Listed> listed;
    for (const std::string& one : names) {
      if (auto object = Listed::parse(one)) listed.push_back(std::move(*object));
    }
    co_return listed;
  }

  std::optional<Link> link_to_get(const Key&, const LinkToGet&) const override { return {}; }
  std::optional<Link> link_to_put(const Key&, const LinkToPut&) const override { return {}; }

 private:
  disk::Folder folder_;
};

}  // namespace

std::unique_ptr<Storage> make_local(disk::Folder folder) {
  return std::make_unique<Local>(std::move(folder));
}

}  // namespace stoa::storage
