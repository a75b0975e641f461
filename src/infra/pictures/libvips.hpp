#pragma once
// libvips for the whole process: which formats it reads, and that it keeps nothing and starts no threads of its own.

namespace stoa::pictures {

// Once does it; again does nothing. Throws std::runtime_error.
void set_up_libvips();

// Whether pictures are read by that class of libvips (vips_foreign_find_load_buffer); null: by none.
bool can_read(const char* loader);

}  // namespace stoa::pictures
