#pragma once
// SQL of subjects, and of what people study.
#include "features/subjects/subjects_types.hpp"

#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace stoa::subjects::store {

pg::Query<std::vector<Subject>> list_subjects(const std::optional<std::string>& category);
pg::Query<Subject> get_subject(SubjectId id);
// Holds the row until the end of the transaction.
pg::Query<Subject> lock_subject(SubjectId id);
pg::Query<int> count_subjects();
// Both throw Error{SUBJECT_NAME_TAKEN}; the transaction has then failed.
Subject insert_subject(pg::Tx& tx, SubjectId id, const CreateSubject& subject);
Subject update_subject(pg::Tx& tx, const Subject& subject);
pg::Query<pg::Count> delete_subject(SubjectId id);

pg::Query<std::vector<Subject>> list_of(UserId user);
// Holds the person's row.
int count_others_of(pg::Tx& tx, UserId user, SubjectId but);
void insert_of(pg::Tx& tx, UserId user, SubjectId subject);  // throws Error{not_found}
pg::Query<pg::Count> delete_of(UserId user, SubjectId subject);
pg::Query<pg::Count> delete_all_of(UserId user);

}  // namespace stoa::subjects::store
