#include "features/skills/skills_store.hpp"

#include <stoa/core/names.hpp>
#include <stoa/postgres/listing.hpp>

namespace stoa::skills::store {
namespace {

// What the person gains is proposed with 1 holder, what he gives up with 0. All of it is held in the one order of names, whether it
// is there, is made or was just deleted by somebody: so people who swap the same skills wait for one another, and never in a circle.
std::vector<SkillId> count_holders(pg::Tx& tx, UserId user, const std::vector<std::string>& names) {
  std::vector<SkillId> made;
  for (std::size_t i = 0; i < names.size(); ++i) made.push_back(SkillId::make());
  return tx.list<SkillId>(
      "with had as (select s.id, s.name from user_skills u join skills s on s.id = u.skill_id"
      " where u.user_id = $1)"
      " insert into skills (id, name, holders) select id, name, holders from"
      " (select t.id, t.name::citext as name, 1 as holders from unnest($2::uuid[], $3::text[])"
      " t (id, name) where not exists (select from had where had.name = t.name::citext)"
      " union all select id, name, 0 from had where name <> all ($3::text[]::citext[])) x"
      " order by name on conflict (name) do update"
      " set holders = skills.holders + 2 * excluded.holders - 1 returning id",
      user, made, names);
}

}  // namespace

pg::Query<std::vector<OwnSkill>> list_of(UserId user) {
  return pg::query<std::vector<OwnSkill>>(
      "select s.id, s.name, u.level, u.offered, u.wanted from user_skills u"
      " join skills s on s.id = u.skill_id where u.user_id = $1 order by s.name",
      user);
}

pg::Query<std::vector<SkillShown>> search(
    const std::optional<std::string>& part, int shown_from,
    const std::optional<std::tuple<std::int64_t, SkillId>>& after, int limit, const TurnKey& whom) {
  static const pg::Listing kList(
      "select s.id, s.name, s.holders from skills s where s.holders >= $1",
      {" and (s.name::text ilike $1 or left($1, 1) <> '%' and s.name::text ilike '% ' || $1)",
       " and to_tsvector('simple', searchable(s.name::text)) @@ search_for($1)"
       " and s.name::text ilike $2",
       " and (s.holders, s.id) < ($1::bigint, $2)"},
      " order by s.holders desc, s.id desc limit $1");
  const pg::NamePart name(part);
  auto listing = kList.query<SkillShown>(shown_from, name.like, name.runs, after, limit);
  return part ? std::move(listing).slow(whom) : std::move(listing);
}

void set_of(pg::Tx& tx, UserId user, const std::vector<GivenSkill>& skills) {
  std::vector<std::string> names, levels, offered, wanted;
  for (const GivenSkill& skill : skills) {
    names.push_back(skill.name.value);
    levels.emplace_back(enum_name(skill.level));
    offered.emplace_back(skill.offered.value ? "true" : "false");
    wanted.emplace_back(skill.wanted.value ? "true" : "false");
  }
  tx.run("select 1 from users where id = $1 for no key update", user);
  const auto changed = count_holders(tx, user, names);
  tx.run("delete from user_skills where user_id = $1", user);
  tx.run(
      "insert into user_skills (user_id, skill_id, level, offered, wanted)"
      " select $1, s.id, t.level, t.offered::boolean, t.wanted::boolean"
      " from unnest($2::text[], $3::text[], $4::text[], $5::text[])"
      " t (name, level, offered, wanted) join skills s on s.name = t.name::citext",
      user, names, levels, offered, wanted);
  tx.run("delete from skills where id = any($1::uuid[]) and holders = 0", changed);
}

}  // namespace stoa::skills::store
