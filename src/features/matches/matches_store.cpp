#include "features/matches/matches_store.hpp"

#include <stoa/net/turns.hpp>
#include <stoa/users/blocks.hpp>

namespace stoa::matches::store {
namespace {

// clang-format off
constexpr auto kPartners = pg::sql(R"(
select )", users::kProfileColumns, R"(, f.subjects, f.offers, f.wants,
       p.subjects, p.offers, p.wants, p.language, p.timezone
  from users me
  cross join (
    select x.user_id,
           coalesce(array_agg(x.subject order by x.subject) filter (where x.subject is not null), '{}') as subjects,
           coalesce(array_agg(x.offer order by x.offer) filter (where x.offer is not null), '{}') as offers,
           coalesce(array_agg(x.want order by x.want) filter (where x.want is not null), '{}') as wants
      from (
        select c.user_id, s.name::text as subject, null::text as offer, null::text as want
          from user_subjects m
          join subjects s on s.id = m.subject_id
          cross join lateral (
            select o.user_id from user_subjects o
             where o.subject_id = m.subject_id and o.is_sought and o.user_id <> $1
             order by o.user_id desc limit $2) c
         where m.user_id = $1
        union all
        select c.user_id, null, case when m.wanted and c.offered then s.name::text end,
               case when m.offered and c.wanted then s.name::text end
          from user_skills m
          join skills s on s.id = m.skill_id
          cross join lateral (
            select o.user_id, o.offered, o.wanted from user_skills o
             where o.skill_id = m.skill_id and o.is_sought and o.user_id <> $1
             order by o.user_id desc limit $2) c
         where m.user_id = $1 and (m.wanted and c.offered or m.offered and c.wanted)
      ) x group by x.user_id
  ) f
  join users u on u.id = f.user_id
  cross join lateral (
    select 2 * least(cardinality(f.subjects), 5) as subjects,
           3 * least(cardinality(f.offers), 4) as offers,
           3 * least(cardinality(f.wants), 4) as wants,
           case when split_part(u.locale, '-', 1) = split_part(me.locale, '-', 1) then 2 else 0 end as language,
           case when u.timezone = me.timezone then 1 else 0 end as timezone
  ) p
 where me.id = $1 and me.is_matched and u.is_matched and )", users::kFindable, users::kNoBlockBetween, R"(
 order by p.subjects + p.offers + p.wants + p.language + p.timezone desc, u.id desc limit $3)");

constexpr auto kRooms = pg::sql(R"(
with mine as (
  select m.subject_id, s.category from user_subjects m
    join subjects s on s.id = m.subject_id
   where m.user_id = $1 and exists (select from users where id = $1 and is_matched)
), alike as (
  select s.id from subjects s
   where s.category <> '' and s.category in (select category from mine)
     and s.id not in (select subject_id from mine)
   order by s.category, s.name limit 20
), found as (
  select r.id, 4 as subject, 0 as category from mine
   cross join lateral (
     select r.id from study_rooms r
      where r.subject_id = mine.subject_id and r.is_active and r.room_type = 'public'
      order by r.id desc limit $2) r
  union all
  select r.id, 0, 2 from alike
   cross join lateral (
     select r.id from study_rooms r
      where r.subject_id = alike.id and r.is_active and r.room_type = 'public'
      order by r.id desc limit $2) r
)
select )", rooms::kRoomColumns, R"(, f.subject, f.category, p.people
  from found f
  join study_rooms r on r.id = f.id
  cross join lateral (
    select case when r.member_count >= 5 then 2 when r.member_count >= 2 then 1 else 0 end as people) p
 where r.member_count < r.max_participants
   and not exists (select from room_members m where m.room_id = r.id and m.user_id = $1)
   and not exists (select from room_bans b where b.room_id = r.id and b.user_id = $1)
   and not exists (select from user_blocks b where b.user_id = r.created_by and b.blocked_id = $1)
   and not exists (select from user_blocks b where b.user_id = $1 and b.blocked_id = r.created_by)
 order by f.subject + f.category + p.people desc, r.id desc limit $3)");
// clang-format on

}  // namespace

pg::Query<std::vector<PartnerRow>> find_partners(UserId user, int candidates, int limit) {
  return pg::query<std::vector<PartnerRow>>(kPartners, user, candidates, limit)
      .slow(net::turn_of(user));
}

pg::Query<std::vector<RoomRow>> suggest_rooms(UserId user, int candidates, int limit) {
  return pg::query<std::vector<RoomRow>>(kRooms, user, candidates, limit).slow(net::turn_of(user));
}

}  // namespace stoa::matches::store
