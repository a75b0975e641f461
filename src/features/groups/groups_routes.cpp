// What groups serve over REST.
#include "features/groups/groups_types.hpp"

#include <stoa/groups/groups.hpp>

namespace stoa::groups {

http::Routes groups_routes(Groups& groups) {
  return {
      {http::Method::get, "/api/group/{groupId}", Who::anyone, Limit::read,
       "Whether a group is there, and how many are in it", http::endpoint<&Groups::get>(groups)},
  };
}

}  // namespace stoa::groups
