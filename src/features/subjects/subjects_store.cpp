#include "features/subjects/subjects_store.hpp"

#include "features/subjects/subjects_codes.hpp"

#include <stoa/postgres/listing.hpp>

namespace stoa::subjects::store {
namespace {

// The members of Subject.
constexpr char kColumns[] = "s.id, s.name, s.category, s.description, s.icon_url";
constexpr auto kAll = pg::sql("select ", kColumns, " from subjects s where true");
constexpr auto kGet = pg::sql("select ", kColumns, " from subjects s where s.id = $1");
constexpr auto kLock =
    pg::sql("select ", kColumns, " from subjects s where s.id = $1 for no key update");
constexpr auto kInsert = pg::sql(
    "insert into subjects as s (id, name, category, description, icon_url)"
    " values ($1, $2, coalesce($3, ''), $4, $5) returning ",
    kColumns);
constexpr auto kUpdate = pg::sql(
    "update subjects s set name = $2, category = $3, description = $4, icon_url = $5,"
    " updated_at = now() where s.id = $1 returning ",
    kColumns);
constexpr auto kOf =
    pg::sql("select ", kColumns,
            " from user_subjects u join subjects s on s.id = u.subject_id where u.user_id = $1"
            " order by s.name");

}  // namespace

pg::Query<std::vector<Subject>> list_subjects(const std::optional<std::string>& category) {
  static const pg::Listing kList(pg::Sql(kAll), {" and s.category = $1"}, " order by s.name");
  return kList.query<Subject>(category);
}

pg::Query<Subject> get_subject(SubjectId id) {
  return pg::query<Subject>(kGet, id);
}

pg::Query<Subject> lock_subject(SubjectId id) {
  return pg::query<Subject>(kLock, id);
}

pg::Query<int> count_subjects() {
  return pg::query<int>("select count(*) from subjects");
}

Subject insert_subject(pg::Tx& tx, SubjectId id, const CreateSubject& subject) {
  try {
    return tx.run(pg::query<Subject>(kInsert, id, subject.name, subject.category,
                                     subject.description, subject.icon_url));
  } catch (const pg::UniqueViolation&) {
    throw Error(kSubjectNameTaken);
  }
}

Subject update_subject(pg::Tx& tx, const Subject& subject) {
  try {
    return tx.run(pg::query<Subject>(kUpdate, subject.id, subject.name, subject.category,
                                     subject.description, subject.icon_url));
  } catch (const pg::UniqueViolation&) {
    throw Error(kSubjectNameTaken);
  }
}

pg::Query<pg::Count> delete_subject(SubjectId id) {
  return pg::query<pg::Count>("delete from subjects where id = $1", id);
}

pg::Query<std::vector<Subject>> list_of(UserId user) {
  return pg::query<std::vector<Subject>>(kOf, user);
}

int count_others_of(pg::Tx& tx, UserId user, SubjectId but) {
  tx.run("select 1 from users where id = $1 for no key update", user);
  return tx.get<int>("select count(*) from user_subjects where user_id = $1 and subject_id <> $2",
                     user, but);
}

void insert_of(pg::Tx& tx, UserId user, SubjectId subject) {
  try {
    tx.run("insert into user_subjects (user_id, subject_id) values ($1, $2) on conflict do nothing",
           user, subject);
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such subject");
  }
}

pg::Query<pg::Count> delete_of(UserId user, SubjectId subject) {
  return pg::query<pg::Count>("delete from user_subjects where user_id = $1 and subject_id = $2",
                              user, subject);
}

pg::Query<pg::Count> delete_all_of(UserId user) {
  return pg::query<pg::Count>("delete from user_subjects where user_id = $1", user);
}

}  // namespace stoa::subjects::store
