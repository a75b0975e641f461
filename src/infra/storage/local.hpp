#pragma once
// The engine whose objects are files below a folder of this machine.
#include <stoa/disk/disk.hpp>
#include <stoa/storage/storage.hpp>

#include <memory>

namespace stoa::storage {

std::unique_ptr<Storage> make_local(disk::Folder folder);

}  // namespace stoa::storage
