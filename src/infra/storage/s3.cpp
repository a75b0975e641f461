#include "infra/storage/s3.hpp"

#include "infra/storage/s3_client.hpp"
#include "infra/storage/s3_upload.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <pugixml.hpp>

namespace stoa::storage {
namespace {

using ClientPtr = std::shared_ptr<const S3Client>;

constexpr std::uint64_t kMostCopied = std::uint64_t{5} << 30;  // of one CopyObject
constexpr std::size_t kMostListed = 4 * 1024 * 1024;  // an answer has a thousand objects at most

class S3Object final : public Object {
 public:
  S3Object(ClientPtr client, std::string object, std::uint64_t size, std::string tag)
      : client_(std::move(client)), object_(std::move(object)), size_(size), tag_(std::move(tag)) {}

  std::uint64_t size() const noexcept override { return size_; }

  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    if (offset >= size_ || most == 0) co_return std::string_view();
    if (offset < at_ || offset >= at_ + buffer_.size()) co_await fill(offset);
    co_return std::string_view(buffer_).substr(offset - at_, most);
  }

 private:
  Task<> fill(std::uint64_t offset) {
    const std::uint64_t end = std::min<std::uint64_t>(size_, offset + client_->config().read_bytes);
    S3Call call{.method = fetch::Method::get, .name = "GET", .object = object_};
    call.headers = {{"range", "bytes=" + std::to_string(offset) + "-" + std::to_string(end - 1)}};
    // The same object to its end, whoever replaces it meanwhile.
    if (!tag_.empty()) call.headers.emplace_back("if-match", tag_);
    call.most_bytes = static_cast<std::size_t>(end - offset) + 64 * 1024;
    fetch::Answer answer = co_await client_->succeed(call);
    const bool is_whole = answer.status == 200 && offset == 0 && end == size_;
    if ((answer.status != 206 && !is_whole) || answer.body.size() != end - offset) {
      S3Client::refuse(call, answer);
    }
    buffer_ = std::move(answer.body);
    at_ = offset;
  }

  const ClientPtr client_;
  const std::string object_;
  const std::uint64_t size_;
  const std::string tag_;
  std::string buffer_;
  std::uint64_t at_ = 0;
};

S3Call end_of_upload(std::string object, std::string upload) {
  S3Call call{.method = fetch::Method::delete_, .name = "DELETE", .object = std::move(object)};
  call.query = {{"uploadId", std::move(upload)}};
  return call;
}

Task<> end_upload(ClientPtr client, std::string object, std::string upload) {
  const S3Call call = end_of_upload(std::move(object), std::move(upload));
  co_await client->send(call);
}

struct Begun {
  std::string object, upload;
};

// Of a ListMultipartUploads: those that began before `before`.
std::vector<Begun> abandoned(const std::string& body, const std::string& prefix, Timestamp before) {
  std::vector<Begun> all;
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return all;
  for (const auto& upload : document.first_child().children("Upload")) {
    const std::string_view key = upload.child("Key").text().get();
    const auto begun = parse_timestamp(upload.child("Initiated").text().get());
    if (!key.starts_with(prefix) || !begun || *begun >= before) continue;
    all.push_back({std::string(key.substr(prefix.size())), upload.child("UploadId").text().get()});
  }
  return all;
}

Task<> sweep(const ClientPtr& client) {
  S3Call call{.method = fetch::Method::get, .name = "GET"};
  call.query = {{"uploads", ""}, {"prefix", client->config().prefix}, {"max-uploads", "100"}};
  call.most_bytes = 1024 * 1024;
  const fetch::Answer answer = co_await client->send(call);
  if (!answer.ok()) co_return;  // a user who may not list: the bucket's own rule does it
  for (auto& [object, upload] :
       abandoned(answer.body, client->config().prefix, now() - client->config().abandoned_after)) {
    const S3Call end = end_of_upload(object, upload);
    co_await client->send(end);
  }
}

Task<> keep_sweeping(ClientPtr client) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(client->config().sweep_interval);
    co_await timer.async_wait(use_task);
    try {
      co_await sweep(client);
    } catch (const Error&) {
      // It was logged where it happened; another follows.
    }
  }
}

// Of a ListObjectsV2: adds the names that follow the prefix, and answers what the next page is asked for by; empty after the last.
std::string read_page(const std::string& body, const std::string& prefix,
                      std::vector<Listed>& listed) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size()))
    throw Unavailable("an answer that is no XML");
  const pugi::xml_node page = document.child("ListBucketResult");
  if (!page) throw Unavailable("an answer without a ListBucketResult");
  for (const auto& object : page.children("Contents")) {
    const std::string_view key = object.child("Key").text().get();
    if (!key.starts_with(prefix)) continue;
    auto found = Listed::parse(key.substr(prefix.size()));
    if (found) listed.push_back(std::move(*found));
  }
  return page.child("IsTruncated").text().as_bool()
             ? page.child("NextContinuationToken").text().get()
             : "";
}

class S3 final : public Storage {
 public:
  S3(const config::S3& config, fetch::Client http, net::Runtime& runtime)
      : client_(std::make_shared<S3Client>(config, std::move(http))), shard_(runtime.shard(0)) {
    shard_.tasks.spawn("storage_sweep", keep_sweeping(client_));
  }

  Task<std::unique_ptr<Sink>> create(Key key, NewObject object) override {
    if (object.expected / client_->config().part_bytes >= S3Upload::kMostParts) {
      throw Error(Code::too_large);
    }
    auto give_up = [this](std::string name, std::string upload) {
      asio::post(shard_.context, [this, name = std::move(name), upload = std::move(upload)] {
        shard_.tasks.spawn("storage_end_upload", end_upload(client_, name, upload));
      });
    };
    std::unique_ptr<Sink> sink = std::make_unique<S3Upload>(
        client_, key.str(), std::move(object.media_type), std::move(give_up));
    co_return sink;
  }

  Task<std::unique_ptr<Object>> open(Key key) override {
    const S3Call call{.method = fetch::Method::head, .name = "HEAD", .object = key.str()};
    const fetch::Answer answer = co_await client_->succeed(call);
    const std::string_view length = answer.header("content-length");
    std::uint64_t size = 0;
    const auto read = std::from_chars(length.data(), length.data() + length.size(), size);
    if (length.empty() || read.ec != std::errc()) S3Client::refuse(call, answer);
    std::unique_ptr<Object> object =
        std::make_unique<S3Object>(client_, key.str(), size, std::string(answer.header("etag")));
    co_return object;
  }

  Task<bool> remove(Key key) override {
    const S3Call call{.method = fetch::Method::delete_, .name = "DELETE", .object = key.str()};
    const fetch::Answer answer = co_await client_->send(call);
    if (answer.status == 404 && error_code_of(answer.body) != "NoSuchBucket") co_return false;
    if (!answer.ok()) S3Client::refuse(call, answer);
    co_return true;
  }

  Task<> copy(Key from, Key to) override {
    const std::unique_ptr<Object> object = co_await open(from);
    if (object->size() > kMostCopied) throw Error(Code::too_large);
    S3Call call{.method = fetch::Method::put, .name = "PUT", .object = to.str()};
    call.headers = {{"x-amz-copy-source", client_->source_of(from.str())}};
    const fetch::Answer answer = co_await client_->succeed(call);
    // It may say 200 and then that it failed.
    if (!error_code_of(answer.body).empty()) S3Client::refuse(call, answer);
  }

  Task<std::vector<Listed>> list(std::string_view folder, std::uint8_t part) override {
    const std::string prefix = client_->config().prefix + Key::prefix_of(folder, part);
    S3Call call{.method = fetch::Method::get, .name = "GET"};
    call.most_bytes = kMostListed;
    std::vector<Listed> listed;
    std::string next;
    do {
      call.query = {{"list-type", "2"}, {"prefix", prefix}};
      if (!next.empty()) call.query.emplace_back("continuation-token", next);
      const fetch::Answer answer = co_await client_->succeed(call);
      next = read_page(answer.body, prefix, listed);
    } while (!next.empty());
    co_return listed;
  }

  std::optional<Link> link_to_get(const Key& key, const LinkToGet& wanted) const override {
    S3Call call{.method = fetch::Method::get, .name = "GET", .object = key.str()};
    if (!wanted.disposition.empty()) {
      call.query.emplace_back("response-content-disposition", wanted.disposition);
    }
    if (!wanted.media_type.empty()) {
      call.query.emplace_back("response-content-type", wanted.media_type);
    }
    return client_->link(call, wanted.ttl);
  }

  std::optional<Link> link_to_put(const Key& key, const LinkToPut& wanted) const override {
    S3Call call{.method = fetch::Method::put, .name = "PUT", .object = key.str()};
    call.headers = {{"content-length", std::to_string(wanted.size)},
                    {"content-type", wanted.media_type}};
    return client_->link(call, wanted.ttl);
  }

 private:
  const std::shared_ptr<const S3Client> client_;
  net::Shard& shard_;
};

}  // namespace

std::unique_ptr<Storage> make_s3(const config::S3& config, fetch::Fetcher& fetch,
                                 net::Runtime& runtime) {
  std::vector<std::string> hosts = {config.endpoint};
  if (!config.path_style) {
    const auto host = config.endpoint.find("://") + 3;
    hosts = {config.endpoint.substr(0, host) + config.bucket + "." + config.endpoint.substr(host)};
  }
  return std::make_unique<S3>(
      config, fetch.client({.name = "storage", .hosts = std::move(hosts), .may_go_inside = true}),
      runtime);
}

}  // namespace stoa::storage
