#pragma once
// A file that is given out:
//
//   Download response;
//   response.source = object_source(co_await storage_.open(key));
//   response.source = file_source(co_await files_.open(disk::Name::of(id.uuid)));
#include <stoa/disk/disk.hpp>
#include <stoa/http/source.hpp>
#include <stoa/storage/storage.hpp>

#include <memory>

namespace stoa {

std::shared_ptr<http::Source> file_source(disk::Reader reader);
std::shared_ptr<http::Source> object_source(std::unique_ptr<storage::Object> object);

}  // namespace stoa
