#pragma once
// A file that is given out:
//
//   Download response;
//   response.source = file_source(co_await files_.open(disk::Name::of(id.uuid)));
#include <stoa/disk/disk.hpp>
#include <stoa/http/source.hpp>

#include <memory>

namespace stoa {

std::shared_ptr<http::Source> file_source(disk::Reader reader);

}  // namespace stoa
