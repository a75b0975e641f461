#include "features/skills/skills_store.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/names.hpp>
#include <stoa/postgres/listing.hpp>

namespace stoa::skills::store {
namespace {

constexpr int kTries = 3;

// One that another person gives up at this moment may be gone before it is held; it is made anew then.
std::vector<SkillId> hold_named(pg::Tx& tx, const std::vector<std::string>& names) {
  for (int i = 0; i < kTries; ++i) {
    std::vector<SkillId> made;
    for (std::size_t n = 0; n < names.size(); ++n) made.push_back(SkillId::make());
    tx.run(
        "insert into skills (id, name) select t.id, t.name::citext"
        " from unnest($1::uuid[], $2::text[]) t (id, name) order by t.name::citext"
        " on conflict (name) do nothing",
        made, names);
    auto held = tx.list<SkillId>(
        "select id from skills where name = any($1::text[]::citext[]) order by id"
        " for no key update",
        names);
    if (held.size() == names.size()) return held;
  }
  throw Error(Code::conflict, "These skills are changing just now; try again");
}

}  // namespace

pg::Query<std::vector<OwnSkill>> list_of(UserId user) {
  return pg::query<std::vector<OwnSkill>>(
      "select s.id, s.name, u.level, u.offered, u.wanted from user_skills u"
      " join skills s on s.id = u.skill_id where u.user_id = $1 order by s.name",
      user);
}

pg::Query<std::vector<SkillShown>> search(const std::optional<std::string>& part, int shown_from,
                                          int limit, const TurnKey& whom) {
  static const pg::Listing kList(
      "select s.id, s.name, s.holders from skills s where s.holders >= $1",
      {" and (s.name::text ilike $1 or left($1, 1) <> '%' and s.name::text ilike '% ' || $1)",
       " and to_tsvector('simple', searchable(s.name::text)) @@ search_for($1)"
       " and s.name::text ilike $2"},
      " order by s.holders desc, s.id limit $1");
  const pg::NamePart name(part);
  auto listing = kList.query<SkillShown>(shown_from, name.like, name.runs, limit);
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
  const auto had = tx.list<SkillId>("select skill_id from user_skills where user_id = $1", user);
  const std::vector<SkillId> has = names.empty() ? std::vector<SkillId>{} : hold_named(tx, names);
  tx.run("delete from user_skills where user_id = $1", user);
  tx.run(
      "insert into user_skills (user_id, skill_id, level, offered, wanted)"
      " select $1, s.id, t.level, t.offered::boolean, t.wanted::boolean"
      " from unnest($2::text[], $3::text[], $4::text[], $5::text[])"
      " t (name, level, offered, wanted) join skills s on s.name = t.name::citext",
      user, names, levels, offered, wanted);
  tx.run(
      "update skills s set holders = s.holders + d.by from (select id, sum(one)::int as by from"
      " (select unnest($1::uuid[]) as id, -1 as one union all select unnest($2::uuid[]), 1) x"
      " group by id having sum(one) <> 0) d where s.id = d.id",
      had, has);
  tx.run("delete from skills where id = any($1::uuid[]) and holders = 0", had);
}

}  // namespace stoa::skills::store
