#pragma once
// SQL of skills.
#include "features/skills/skills_types.hpp"

#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace stoa::skills::store {

// By name.
pg::Query<std::vector<OwnSkill>> list_of(UserId user);
// Those that at least so many have; by their number, the most first, and their ids. With a text it may read all, and whoever
// asks, `whom`, waits for his turn.
pg::Query<std::vector<SkillShown>> search(
    const std::optional<std::string>& part, int shown_from,
    const std::optional<std::tuple<std::int64_t, SkillId>>& after, int limit, const TurnKey& whom);
// In place of all that the person had. No two of the names may be the same but for their case. Holds the person's row and
// those of the skills that he gains or gives up, in the order of their names.
void set_of(pg::Tx& tx, UserId user, const std::vector<GivenSkill>& skills);

}  // namespace stoa::skills::store
