#include <stoa/module/file_source.hpp>

#include <utility>

namespace stoa {
namespace {

class FileSource final : public http::Source {
 public:
  explicit FileSource(disk::Reader reader) : reader_(std::move(reader)) {}

  std::optional<std::uint64_t> size() const noexcept override { return reader_.size(); }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    return reader_.read(offset, most);
  }

 private:
  disk::Reader reader_;
};

class ObjectSource final : public http::Source {
 public:
  explicit ObjectSource(std::unique_ptr<storage::Object> object) : object_(std::move(object)) {}

  std::optional<std::uint64_t> size() const noexcept override { return object_->size(); }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    return object_->read(offset, most);
  }

 private:
  std::unique_ptr<storage::Object> object_;
};

}  // namespace

std::shared_ptr<http::Source> file_source(disk::Reader reader) {
  return std::make_shared<FileSource>(std::move(reader));
}

std::shared_ptr<http::Source> object_source(std::unique_ptr<storage::Object> object) {
  return std::make_shared<ObjectSource>(std::move(object));
}

}  // namespace stoa
