#pragma once
// What the audit log has of subjects: what administrators do to the list that all see. Plain described values.
#include <stoa/audit/audit.hpp>

#include <string>

namespace stoa::subjects {

inline constexpr audit::Action kCreate{"subjects.create"};
inline constexpr audit::Action kUpdate{"subjects.update"};
inline constexpr audit::Action kDelete{"subjects.delete"};

struct SubjectState {
  std::string name;
  std::string category;
  std::string description;
  std::string icon_url;
};
BOOST_DESCRIBE_STRUCT(SubjectState, (), (name, category, description, icon_url))

}  // namespace stoa::subjects
