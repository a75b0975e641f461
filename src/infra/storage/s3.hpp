#pragma once
// The engine whose objects lie at a service that speaks S3 (docs.aws.amazon.com/AmazonS3/latest/API).
#include <stoa/core/config.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/storage/storage.hpp>

#include <memory>

namespace stoa::storage {

// What was begun in parts and never finished is ended by tasks of the first shard: at once where it was given up, after
// s3.abandoned_after where a process died.
std::unique_ptr<Storage> make_s3(const config::S3& config, fetch::Fetcher& fetch,
                                 net::Runtime& runtime);

}  // namespace stoa::storage
