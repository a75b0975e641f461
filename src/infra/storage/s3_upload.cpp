#include "infra/storage/s3_upload.hpp"

#include <stoa/core/hex.hpp>

#include <sstream>
#include <utility>

#include <pugixml.hpp>

namespace stoa::storage {
namespace {

// Of a file that has no room of a whole part set aside for it.
constexpr std::size_t kSmall = 64 * config::kKiB;

// CompleteMultipartUpload, of parts with these tags in their order.
std::string list_of(const std::vector<std::string>& tags) {
  pugi::xml_document document;
  pugi::xml_node all = document.append_child("CompleteMultipartUpload");
  int number = 0;
  for (const std::string& tag : tags) {
    pugi::xml_node part = all.append_child("Part");
    part.append_child("PartNumber").text() = ++number;
    part.append_child("ETag").text() = tag.c_str();
  }
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return std::move(out).str();
}

}  // namespace

S3Upload::S3Upload(std::shared_ptr<const S3Client> client, std::string object,
                   std::string media_type, GiveUp give_up)
    : client_(std::move(client)),
      object_(std::move(object)),
      media_type_(std::move(media_type)),
      give_up_(std::move(give_up)),
      hash_(std::make_unique<identity::Sha256>()) {}

S3Upload::~S3Upload() {
  if (!upload_.empty()) give_up_(object_, upload_);
}

Task<> S3Upload::write(std::string_view piece) {
  const std::size_t part_bytes = client_->config().part_bytes;
  while (!piece.empty()) {
    // A full part leaves when there is more: some services want all parts but the last of the same size.
    if (part_.size() == part_bytes) co_await put_part();
    const std::string_view now = piece.substr(0, part_bytes - part_.size());
    // At once where it is no small file: growing by doubling would hold up to three times as much by the way.
    if (part_.size() + now.size() > kSmall) part_.reserve(part_bytes);
    part_.append(now);
    hash_->add(now);
    size_ += now.size();
    piece.remove_prefix(now.size());
  }
}

Task<> S3Upload::commit() {
  if (upload_.empty()) {
    co_await put_whole();
    co_return;
  }
  co_await put_part();
  co_await complete();
  upload_.clear();
}

std::string S3Upload::body_hash() {
  std::string hash = to_hex(hash_->finish());
  hash_ = std::make_unique<identity::Sha256>();
  return hash;
}

Task<> S3Upload::put_whole() {
  S3Call call{.method = fetch::Method::put, .name = "PUT", .object = object_};
  call.headers = {{"content-type", media_type_}};
  call.body = part_;
  call.body_hash = body_hash();
  co_await client_->succeed(call);
}

Task<> S3Upload::begin() {
  S3Call call{.method = fetch::Method::post, .name = "POST", .object = object_};
  call.query = {{"uploads", ""}};
  call.headers = {{"content-type", media_type_}};
  const fetch::Answer answer = co_await client_->succeed(call);
  upload_ = text_of(answer.body, "UploadId");
  if (upload_.empty()) S3Client::refuse(call, answer);
}

Task<> S3Upload::put_part() {
  if (upload_.empty()) co_await begin();
  if (tags_.size() == kMostParts) throw Error(Code::too_large);
  S3Call call{.method = fetch::Method::put, .name = "PUT", .object = object_};
  call.query = {{"partNumber", std::to_string(tags_.size() + 1)}, {"uploadId", upload_}};
  call.body = part_;
  call.body_hash = body_hash();
  const fetch::Answer answer = co_await client_->succeed(call);
  tags_.emplace_back(answer.header("etag"));
  part_.clear();
}

Task<> S3Upload::complete() {
  const std::string body = list_of(tags_);
  S3Call call{.method = fetch::Method::post, .name = "POST", .object = object_};
  call.query = {{"uploadId", upload_}};
  call.headers = {{"content-type", "application/xml"}};
  call.body = body;
  for (std::size_t attempt = 1;; ++attempt) {
    const fetch::Answer answer = co_await client_->send(call);
    const std::string code = error_code_of(answer.body);
    if (answer.ok() && code.empty()) co_return;
    // A 200 may say after many blanks that it failed; and where an earlier answer was lost, the upload is over.
    if (code == "NoSuchUpload") {
      if (co_await is_there()) co_return;
      throw Error(kStorageUnavailable);
    }
    const bool may_pass = answer.ok() && (code == "InternalError" || code == "SlowDown");
    if (!may_pass || attempt >= client_->config().attempts) S3Client::refuse(call, answer);
  }
}

Task<bool> S3Upload::is_there() {
  const S3Call call{.method = fetch::Method::head, .name = "HEAD", .object = object_};
  const fetch::Answer answer = co_await client_->send(call);
  co_return answer.ok() && answer.header("content-length") == std::to_string(size_);
}

}  // namespace stoa::storage
