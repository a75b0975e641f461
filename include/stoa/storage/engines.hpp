#pragma once
// Which storage the configuration wants. For the composition root.
#include <stoa/core/config.hpp>
#include <stoa/disk/disk.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/storage/storage.hpp>

#include <memory>

namespace stoa::storage {

// Before the others start; they outlive it.
std::unique_ptr<Storage> make(const Config& config, disk::Disk& disk, fetch::Fetcher& fetch,
                              net::Runtime& runtime);

}  // namespace stoa::storage
