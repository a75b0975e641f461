#pragma once
// What the audit log has of files. Plain described values.
#include <stoa/audit/audit.hpp>

#include <cstdint>
#include <string>

namespace stoa::files {

// An operator gave up a file whose bytes are not there.
inline constexpr audit::Action kForget{"files.forget"};

struct ForgottenFile {
  std::string kind;
  std::int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(ForgottenFile, (), (kind, size))

}  // namespace stoa::files
