#include "features/chat/chat_store.hpp"

#include <stoa/chat/chat.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/postgres/listing.hpp>
#include <stoa/postgres/search_query.hpp>

namespace stoa::chat::store {
namespace {

// The members of MessageView.
constexpr char kMessageColumns[] =
    "m.id, m.room_id, m.seq, case when u.deleted_at is null then m.sender_id end,"
    " case when u.deleted_at is null then coalesce(u.full_name, '') else '' end, m.content,"
    " m.message_type,"
    " m.attachments,"
    " coalesce((select json_agg(json_build_object('emoji', e.emoji, 'count', e.count, 'userIds',"
    " e.user_ids) order by e.first_at, e.emoji) from (select x.emoji, count(*) as count,"
    " min(x.created_at) as first_at,"
    " (array_agg(x.user_id order by x.created_at, x.user_id))[1:100] as user_ids"
    " from message_reactions x where x.message_id = m.id group by x.emoji) e), '[]'::json),"
    " m.reply_to, m.is_edited, m.deleted_at is not null, m.created_at, m.client_message_id";
constexpr char kMessages[] = " from messages m left join users u on u.id = m.sender_id ";

constexpr auto kGetMessage = pg::sql("select ", kMessageColumns, kMessages, "where m.id = $1");
constexpr auto kListMessages = pg::sql("select ", kMessageColumns, kMessages,
                                       "where m.id = any($1::uuid[]) order by m.room_id, m.seq");
// Of a page about as much is read as an answer may carry ($5, in bytes). How long a text is, is known without reading it;
// attachments that are kept compressed count as the largest that may be sent. Reactions count 80 bytes each, and the first 32
// alone: reading them all to know how many there are would be the work that is to be bounded.
constexpr char kPage[] =
    " from (select x.*, sum(octet_length(x.content)"
    " + case when pg_column_compression(x.attachments) is null then pg_column_size(x.attachments)"
    " else 24576 end"
    " + (select 80 * count(*) from (select from message_reactions r where r.message_id = x.id"
    " order by r.message_id, r.user_id limit 32) few)"
    ") over (order by x.seq";
constexpr char kRows[] =
    " rows between unbounded preceding and 1 preceding) as before_it from messages x"
    " where x.room_id = $1 and x.seq > $2 and x.seq < $3 order by x.seq";
constexpr char kWithin[] =
    " limit $4) m left join users u on u.id = m.sender_id"
    " where coalesce(m.before_it, 0) < $5 order by m.seq";
constexpr auto kListNewest =
    pg::sql("select ", kMessageColumns, kPage, " desc", kRows, " desc", kWithin, " desc");
constexpr auto kListOldest = pg::sql("select ", kMessageColumns, kPage, kRows, kWithin);
// The index messages_search has the words of a message and its room; where no word has to be in a message (querytree() is
// 'T': all but some), it would be read whole, so the rooms are. "is true" keeps the index out of that, and "offset 0" keeps
// plans from reading everybody's messages backwards until enough are found.
constexpr char kWords[] = "search_for($1)";
// clang-format off
constexpr auto kFoundMessages = pg::sql(
    "select ", kMessageColumns, kMessages,
    "where m.id in (with near as (select array_agg(p.room_id) as rooms from room_members p"
    " join study_rooms r on r.id = p.room_id where p.user_id = $2 and r.is_active)"
    " select g.id from (select f.id from ("
    "select x.id, x.room_id from messages x where querytree(", kWords, ") <> 'T'"
    " and x.search @@ ", kWords, " and x.deleted_at is null"
    " and array[x.room_id] && (select rooms from near)"
    " union all "
    "select x.id, x.room_id from messages x where querytree(", kWords, ") = 'T'"
    " and (x.search @@ ", kWords, ") is true and x.deleted_at is null"
    " and x.room_id = any((select rooms from near)::uuid[])) f where true");
// clang-format on

constexpr char kOwnColumns[] =
    "select m.id, m.room_id, m.seq, m.content, m.message_type, m.attachments, m.reply_to,"
    " m.is_edited, m.deleted_at is not null, m.created_at, m.client_message_id"
    " from messages m where m.sender_id = $1";
// The index of sender and client_message_id finds both; those without one are sorted for each page.
constexpr auto kOwnMessages = pg::sql(kOwnColumns, " and m.client_message_id is not null");
constexpr auto kUnnamedMessages = pg::sql(kOwnColumns, " and m.client_message_id is null");

// The statement of insert_messages, around its look-up of what was stored before.
//
// The locks are had first, by the same statement: `room` shows each room as it is once locked, whatever
// the statement's snapshot says ("no key": inserts elsewhere that refer to the room need not wait). `known` shows what
// the snapshot says: who lost the right to speak in between is not judged by what he was, but `stale`.
// "offset 0" holds each look-up apart, so that it is an index's for every item: a plan that knows
// neither the batch's size nor the tables' would rather read whole tables to join them.
// What was stored before is answered to its sender while he may read the room, whatever else he may by now: muted, or replying to
// what is gone. Who may not gets the refusal of strangers, also for another message of the same id.
// The words are the server's where PostgreSQL makes small letters as it does (in Turkish it does not).
//
// A file becomes a message's own where it is of the sender, brought for chat into that room, ready, and nothing else's; of a
// batch's messages that name it the first one has it. Its row is locked like the rooms', so that one message at most gets it.
std::string insertion(const std::string& prior, bool with_files) {
  const char* const files = with_files ? R"(
), named as materialized (
  select * from unnest($10::uuid[], $11::uuid[]) as t(file_id, message_id)
), file as materialized (
  select id, owner_id, room_id, kind, state, held_by from files
   where id = any($10::uuid[]) order by id for no key update
), claim as materialized (
  select i.id, min(case
           when f.id is null or f.kind <> 'message' or f.state in ('dropped', 'refused')
             or f.owner_id is distinct from i.sender_id or f.room_id is distinct from i.room_id then 'file_not_found'
           when f.held_by is not null or i.n > (
             select min(j.n) from named o join item j on j.id = o.message_id where o.file_id = n.file_id) then 'file_in_use'
           when f.state <> 'ready' then 'file_not_ready' end) as problem
    from named n join item i on i.id = n.message_id left join file f on f.id = n.file_id
   group by i.id)"
                                       : "";
  const char* const claim = with_files ? R"(
              when c.problem is not null then c.problem)"
                                       : "";
  const char* const claims = with_files ? R"(
    left join claim c on c.id = i.id)"
                                        : "";
  const char* const keep = with_files ? R"(
), kept as (
  update files f set held_by = s.id, due_at = null, updated_at = now()
    from named n join fresh s on s.id = n.message_id
   where f.id = n.file_id)"
                                      : "";
  return std::string(R"(
with item as (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
                       $7::text[], $8::uuid[], $9::text[]) with ordinality
    as t(id, room_id, sender_id, client_id, content, type, attachments, reply_to, words, n)
), room as materialized (
  select id, is_active, room_type, last_seq, standing from study_rooms
   where id = any($2::uuid[]) order by id for no key update
), known as materialized (
  select id, standing from study_rooms where id = any($2::uuid[]))")
      .append(files)
      .append(R"(
), judged as materialized (
  select i.*, u.full_name, prior.id as prior_id, r.last_seq,
         case when r.id is null or not r.is_active then 'not_found'
              when r.standing is distinct from k.standing then 'stale'
              when m.user_id is null then r.room_type
              when prior.id is not null then case when prior.is_other then 'conflict' end
              when m.muted_until > now() then 'muted'
              when i.reply_to is not null and reply.id is null then 'reply_not_found')")
      .append(claim)
      .append(R"(
         end as problem
    from item i)")
      .append(claims)
      .append(R"(
    left join room r on r.id = i.room_id
    left join known k on k.id = i.room_id
    left join lateral (select * from room_members
                        where room_id = i.room_id and user_id = i.sender_id offset 0) m on true
    left join lateral (select full_name from users where id = i.sender_id offset 0) u on true
    left join lateral (select id from messages
                        where id = i.reply_to and room_id = i.room_id offset 0) reply on true
    left join lateral ()")
      .append(prior)
      .append(R"() prior on true
), fresh as (
  select j.*, row_number() over (partition by j.room_id order by j.n) as place
    from judged j where j.problem is null and j.prior_id is null
), bumped as (
  update study_rooms r set last_seq = f.last_seq
    from (select room_id, max(last_seq + place) as last_seq from fresh group by room_id) f
   where r.id = f.room_id)")
      .append(keep)
      .append(R"(
), stored as (
  insert into messages (id, room_id, seq, sender_id, client_message_id, content, message_type,
                        attachments, reply_to, search)
  select f.id, f.room_id, f.last_seq + f.place, f.sender_id, f.client_id, f.content, f.type,
         f.attachments::jsonb, f.reply_to,
         coalesce(case when to_tsvector('simple', 'I') = 'i:1' then f.words::tsvector end,
                  to_tsvector('simple', searchable(f.content)))
    from fresh f
  returning id, seq
)
select j.problem, j.prior_id, s.seq, j.full_name, case j.n when 1 then now() end
  from judged j left join stored s on s.id = j.id order by j.n)");
}

// `is_other`: something else was sent with this id. Of a content that was edited the digest is kept; a deleted message, and
// one that was edited before there were digests, may have been anything. A reply whose message is gone replies to nothing.
constexpr char kPrior[] = R"(
  select p.id,
         p.room_id <> i.room_id or p.message_type <> i.type
           or (p.reply_to is distinct from i.reply_to
               and not (p.reply_to is null and not exists (
                 select from messages a where a.id = i.reply_to and a.room_id = i.room_id)))
           or p.deleted_at is null
              and (p.attachments <> i.attachments::jsonb
                   or case when p.sent_digest is not null
                           then p.sent_digest <> sha256(convert_to(i.content, 'UTF8'))
                           when not p.is_edited then p.content <> i.content
                           else false end) as is_other
    from messages p
   where p.sender_id = i.sender_id and p.client_message_id = i.client_id)";
// Of what would be refused and so would not meet what was stored before: for all others PostgreSQL looks nothing up.
constexpr char kOfRefused[] =
    " and (m.muted_until > now() or i.reply_to is not null and reply.id is null)";
constexpr char kApart[] = " offset 0";

}  // namespace

std::vector<Placed> insert_messages(pg::Tx& tx, std::span<const Draft* const> drafts,
                                    Resends resends) {
  std::vector<MessageId> ids;
  std::vector<RoomId> rooms;
  std::vector<UserId> senders;
  std::vector<std::optional<Uuid>> client_ids;
  std::vector<std::string_view> contents, attachments;
  std::vector<SentType> types;
  std::vector<std::optional<MessageId>> replies;
  std::vector<std::optional<std::string_view>> words;
  std::vector<files::FileId> files;
  std::vector<MessageId> files_of;
  for (const Draft* draft : drafts) {
    const SendMessage& message = draft->message;
    ids.push_back(draft->id);
    rooms.push_back(message.room_id);
    senders.push_back(draft->sender);
    client_ids.push_back(message.client_message_id);
    contents.push_back(message.content.value);
    types.push_back(*message.message_type);
    attachments.push_back(draft->attachments);
    replies.push_back(message.reply_to);
    words.push_back(draft->words);
    files.insert(files.end(), draft->files.begin(), draft->files.end());
    files_of.insert(files_of.end(), draft->files.size(), draft->id);
  }
  static const std::string kUnexpected =
      insertion(std::string(kPrior) + kOfRefused + kApart, false);
  static const std::string kLookedFor = insertion(std::string(kPrior) + kApart, false);
  // A resend's files are its message's already, so what was stored is always looked for.
  static const std::string kWithFiles = insertion(std::string(kPrior) + kApart, true);
  auto placed =
      files.empty()
          ? tx.list<Placed>(resends == Resends::unexpected ? kUnexpected : kLookedFor, ids, rooms,
                            senders, client_ids, contents, types, attachments, replies, words)
          : tx.list<Placed>(kWithFiles, ids, rooms, senders, client_ids, contents, types,
                            attachments, replies, words, files, files_of);
  for (Placed& one : placed) one.created_at = placed.front().created_at;
  return placed;
}

pg::Query<MessageView> get_message(MessageId id) {
  return pg::query<MessageView>(kGetMessage, id);
}

pg::Query<std::vector<MessageView>> list_messages(const std::vector<MessageId>& ids) {
  return pg::query<std::vector<MessageView>>(kListMessages, ids);
}

pg::Query<std::optional<Uuid>> find_client_message(UserId sender, const MessageKey& key) {
  return pg::query<std::optional<Uuid>>(
      "select client_message_id from messages"
      " where sender_id = $1 and client_message_id between $2 and $3"
      " order by client_message_id <> $4 limit 1",
      sender, key.first, key.last, key.id);
}

pg::Query<std::optional<std::int64_t>> find_last_seq(RoomId room, UserId member) {
  return pg::query<std::optional<std::int64_t>>(
      "select r.last_seq from study_rooms r join room_members m on m.room_id = r.id"
      " where r.id = $1 and m.user_id = $2 and r.is_active",
      room, member);
}

pg::Query<std::vector<MessageView>> list_newest(RoomId room, std::int64_t after,
                                                std::int64_t before, int limit, std::size_t bytes) {
  return pg::query<std::vector<MessageView>>(kListNewest, room, after, before, limit,
                                             static_cast<std::int64_t>(bytes));
}

pg::Query<std::vector<MessageView>> list_oldest(RoomId room, std::int64_t after,
                                                std::int64_t before, int limit, std::size_t bytes) {
  return pg::query<std::vector<MessageView>>(kListOldest, room, after, before, limit,
                                             static_cast<std::int64_t>(bytes));
}

pg::Query<std::vector<MessageView>> search_messages(UserId member, const SearchQuery& query,
                                                    std::optional<MessageId> before) {
  static const pg::Listing kFound(
      pg::Sql(kFoundMessages),
      {" and f.room_id = $1 and array[f.room_id] && array[$1::uuid]", " and f.id < $1"},
      " offset 0) g order by g.id desc limit $1) order by m.id desc");
  return kFound
      .query<MessageView>(pg::search_query(query.q.value), member, query.room_id, before,
                          *query.limit + 1)
      .slow(net::turn_of(member));
}

pg::Query<std::vector<OwnMessage>> export_messages(UserId user,
                                                   const std::optional<std::tuple<Uuid>>& after,
                                                   int limit) {
  static const pg::Listing kRows(pg::Sql(kOwnMessages), {" and m.client_message_id > $1"},
                                 " order by m.client_message_id limit $1");
  return kRows.query<OwnMessage>(user, after, limit);
}

pg::Query<std::vector<OwnMessage>> export_unnamed_messages(
    UserId user, const std::optional<std::tuple<MessageId>>& after, int limit) {
  static const pg::Listing kRows(pg::Sql(kUnnamedMessages), {" and m.id > $1"},
                                 " order by m.id limit $1");
  return kRows.query<OwnMessage>(user, after, limit);
}

pg::Query<std::vector<OwnReaction>> export_reactions(
    UserId user, const std::optional<std::tuple<MessageId>>& after, int limit) {
  // All of a message are in one page: there are few, but for the last message of a page.
  static const pg::Listing kRows(
      "select r.message_id, array_agg(r.emoji order by r.emoji), min(r.created_at)"
      " from message_reactions r where r.user_id = $1",
      {" and r.message_id > $1"}, " group by r.message_id order by r.message_id limit $1");
  return kRows.query<OwnReaction>(user, after, limit);
}

pg::Query<std::int64_t> sort_search() {
  return pg::query<std::int64_t>("select gin_clean_pending_list('messages_search')").writing();
}

pg::Query<std::optional<Standing>> lock_message(MessageId id, UserId actor) {
  return pg::query<std::optional<Standing>>(
      "select m.room_id, m.sender_id, m.deleted_at is not null,"
      " jsonb_path_exists(m.attachments, '$[*].fileId'), p.role,"
      " coalesce(p.muted_until > now(), false)"
      " from messages m join study_rooms r on r.id = m.room_id"
      " join room_members p on p.room_id = m.room_id and p.user_id = $2"
      " where m.id = $1 and r.is_active for no key update of m",
      id, actor);
}

pg::Query<std::vector<MessageId>> lock_free_messages(const std::vector<MessageId>& ids) {
  return pg::query<std::vector<MessageId>>(
      "select id from messages where id = any($1::uuid[]) order by id for no key update skip "
      "locked",
      ids);
}

pg::Query<pg::Count> set_content(MessageId id, const std::string& content) {
  return pg::query<pg::Count>(
      "update messages set content = $2, is_edited = true, updated_at = now(),"
      " sent_digest = case when is_edited or client_message_id is null then sent_digest"
      " else sha256(convert_to(content, 'UTF8')) end"
      " where id = $1 and content <> $2",
      id, content);
}

void erase_message(pg::Tx& tx, MessageId id) {
  tx.run("delete from message_reactions where message_id = $1", id);
  tx.run(
      "update messages set content = '', attachments = '[]', sent_digest = null,"
      " deleted_at = now(), updated_at = now() where id = $1",
      id);
}

pg::Query<ReactionCounts> count_other_reactions(MessageId id, UserId user,
                                                const std::string& emoji) {
  return pg::query<ReactionCounts>(
      "select count(distinct emoji), count(*) filter (where user_id = $2) from message_reactions"
      " where message_id = $1 and emoji <> $3",
      id, user, emoji);
}

pg::Query<pg::Count> insert_reaction(MessageId id, UserId user, const std::string& emoji) {
  return pg::query<pg::Count>(
      "insert into message_reactions (message_id, user_id, emoji) values ($1, $2, $3)"
      " on conflict do nothing",
      id, user, emoji);
}

pg::Query<pg::Count> delete_reaction(MessageId id, UserId user, const std::string& emoji) {
  // Rows from before there was one form of each may have other variation selectors.
  return pg::query<pg::Count>(
      "delete from message_reactions where message_id = $1 and user_id = $2 and"
      " translate(emoji, U&'\\FE0E\\FE0F', '') = translate($3, U&'\\FE0E\\FE0F', '')",
      id, user, emoji);
}

pg::Query<std::optional<Marked>> move_read_mark(RoomId room, UserId user, std::int64_t seq) {
  return pg::query<std::optional<Marked>>(
      R"(
with wanted as (
  select m.read_seq, least($3::bigint, r.last_seq) as seq
    from room_members m join study_rooms r on r.id = m.room_id
   where m.room_id = $1 and m.user_id = $2 and r.is_active
), moved as (
  update room_members m set read_seq = w.seq from wanted w
   where m.room_id = $1 and m.user_id = $2 and m.read_seq < w.seq returning m.read_seq
)
select greatest(w.read_seq, w.seq), exists (select 1 from moved) from wanted w)",
      room, user, seq);
}

// A room is looked at until a slice finds nothing more in it.
std::int64_t drop_closed_files(pg::Tx& tx, Duration after, int most) {
  const auto room = tx.run(pg::query<std::optional<RoomId>>(
      "select id from study_rooms where not is_active and has_files_left"
      " and closed_at < now() - make_interval(secs => $1) order by closed_at limit 1"
      " for no key update skip locked",
      in_seconds(after)));
  if (!room) return 0;
  const auto dropped = tx.run(files::drop_in_room(*room, kMessageFile, most));
  if (dropped.value < most) {
    tx.run("update study_rooms set has_files_left = false where id = $1", *room);
  }
  return most;  // there may be another room
}

}  // namespace stoa::chat::store
