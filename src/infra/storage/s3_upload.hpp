#pragma once
// An object on its way to S3: in one call where it fits into a part, in parts otherwise (multipart upload).
#include "infra/storage/s3_client.hpp"

#include <stoa/identity/crypto.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoa::storage {

class S3Upload final : public Sink {
 public:
  static constexpr std::size_t kMostParts = 10'000;

  // Ends an upload in parts that was given up: its object and id.
  using GiveUp = std::function<void(std::string, std::string)>;

  S3Upload(std::shared_ptr<const S3Client> client, std::string object, std::string media_type,
           GiveUp give_up);
  ~S3Upload() override;

  Task<> write(std::string_view piece) override;
  Task<> commit() override;
  // The part, and the same once more in the call that sends it.
  std::size_t held() const noexcept override { return 2 * client_->config().part_bytes; }

 private:
  std::string body_hash();
  Task<> put_whole();
  Task<> begin();
  Task<> put_part();
  Task<> complete();
  // Whether the object is there and is the one that was sent.
  Task<bool> is_there();

  const std::shared_ptr<const S3Client> client_;
  const std::string object_, media_type_;
  const GiveUp give_up_;
  std::string part_;
  std::unique_ptr<identity::Sha256> hash_;  // of the part
  std::string upload_;                      // its id; empty: not in parts so far
  std::vector<std::string> tags_;           // of the parts
  std::uint64_t size_ = 0;
};

}  // namespace stoa::storage
