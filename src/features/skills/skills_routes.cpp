#include "features/skills/skills_types.hpp"

#include <stoa/skills/skills.hpp>

namespace stoa::skills {

http::Routes skills_routes(Skills& skills) {
  using enum http::Method;
  return {
      {get, "/api/users/me/skills", Who::signed_in, Limit::read,
       "What one can do and wants to learn", http::endpoint<&Skills::list_mine>(skills)},
      {put, "/api/users/me/skills", Who::signed_in, Limit::write,
       "Say what one can do and wants to learn, in place of what was said before",
       http::endpoint<&Skills::set_mine>(skills)},
      {get, "/api/skills", Who::signed_in, Limit::read,
       "Skills that several people have, those of most first",
       http::endpoint<&Skills::search>(skills)},
  };
}

}  // namespace stoa::skills
