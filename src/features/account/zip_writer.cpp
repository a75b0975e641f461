#include "features/account/zip_writer.hpp"

#include <ctime>
#include <stdexcept>
#include <utility>

#include <archive.h>
#include <archive_entry.h>

namespace stoa::account {
namespace {

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

ZipWriter::ZipWriter() : archive_(archive_write_new()) {
  if (archive_ == nullptr) throw std::bad_alloc();
  try {
    check(archive_write_set_format_zip(archive_));
    check(archive_write_set_options(archive_, "zip:compression=deflate,zip:hdrcharset=UTF-8"));
    check(archive_write_set_bytes_per_block(archive_, 0));  // no block is filled up with zeros
    check(archive_write_open(archive_, &out_, nullptr, &append, nullptr));
  } catch (...) {
    archive_write_free(archive_);
    throw;
  }
}

ZipWriter::~ZipWriter() {
  // Ends what is open, into out_, which nobody takes any more: libarchive does not free what an entry that has failed compresses with.
  archive_write_free(archive_);
}

void ZipWriter::begin(const std::string& name) {
  archive_entry* const entry = archive_entry_new();
  if (entry == nullptr) throw std::bad_alloc();
  archive_entry_set_pathname_utf8(entry, name.c_str());
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_mtime(entry, std::time(nullptr), 0);
  const int result = archive_write_header(archive_, entry);
  archive_entry_free(entry);
  check(result);
}

void ZipWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const la_ssize_t taken = archive_write_data(archive_, bytes.data(), bytes.size());
    if (taken <= 0) check(ARCHIVE_FATAL);
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
}

void ZipWriter::finish() {
  check(archive_write_close(archive_));
}

std::string ZipWriter::take() {
  return std::exchange(out_, {});
}

void ZipWriter::check(int result) {
  if (result >= ARCHIVE_WARN) return;
  const char* const why = archive_error_string(archive_);
  throw std::runtime_error(std::string("the archive cannot be written: ") +
                           (why != nullptr ? why : "no reason is known"));
}

}  // namespace stoa::account
