#pragma once
// What people study: a list that administrators keep, and which of it is whose. Rooms are about one of them too.
// Owned by the feature; members may be called on any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/subjects/subjects_config.hpp>

namespace stoa::subjects {

struct Subject;
struct SubjectPath;
struct SubjectsQuery;
struct CreateSubject;
struct UpdateSubject;
struct ChosenSubject;

class Subjects {
 public:
  Subjects(pg::Database& db, const SubjectsConfig& config) : db_(db), config_(config) {}

  // All there are, by name.
  Task<Page<Subject>> list(Client client, SubjectsQuery query);
  Task<Subject> get(Client client, SubjectPath path);

  // Administrators'. Throws Error{SUBJECT_NAME_TAKEN}.
  Task<Subject> create(Creator creator, CreateSubject request);
  Task<Subject> update(Caller caller, UpdateSubject request);
  // Rooms that are about it are about nothing then.
  Task<> remove(Caller caller, SubjectPath path);

  // One's own. Adding one again is harmless.
  Task<Page<Subject>> list_mine(Caller caller);
  Task<Subject> add_mine(Caller caller, ChosenSubject request);
  Task<> remove_mine(Caller caller, SubjectPath path);

 private:
  pg::Database& db_;
  const SubjectsConfig& config_;
};

http::Routes subjects_routes(Subjects& subjects);

}  // namespace stoa::subjects
