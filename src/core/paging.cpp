#include <stoa/core/json.hpp>
#include <stoa/core/paging.hpp>

namespace stoa {

void refuse_cursor() {
  Issues issues;
  issues.enter("cursor");
  issues.add("invalid_string", "Not a cursor of this list", {{"validation", "cursor"}});
  issues.raise();
}

}  // namespace stoa
