#include "features/subjects/subjects_audit.hpp"
#include "features/subjects/subjects_store.hpp"
#include "features/subjects/subjects_types.hpp"

#include <stoa/module/once.hpp>
#include <stoa/subjects/subjects.hpp>

#include <utility>

namespace stoa::subjects {
namespace {

SubjectState state_of(const Subject& subject) {
  return {subject.name, subject.category, subject.description.value_or(""),
          subject.icon_url.value_or("")};
}

void apply(const UpdateSubject& request, Subject& subject) {
  if (request.name) subject.name = request.name->value;
  if (request.category) subject.category = request.category->value;
  if (request.description.present) {
    subject.description.reset();
    if (request.description.value) subject.description = request.description.value->value;
  }
  if (request.icon_url.present) {
    subject.icon_url.reset();
    if (request.icon_url.value) subject.icon_url = request.icon_url.value->value;
  }
}

Page<Subject> whole(std::vector<Subject> subjects) {
  return {std::move(subjects), std::nullopt};
}

}  // namespace

Task<Page<Subject>> Subjects::list(Client, SubjectsQuery query) {
  std::optional<std::string> category;
  if (query.category) category = std::move(query.category->value);
  std::vector<Subject> subjects = co_await db_.run(store::list_subjects(category));
  co_return whole(std::move(subjects));
}

Task<Subject> Subjects::get(Client, SubjectPath path) {
  Subject subject = co_await db_.run(store::get_subject(path.id));
  co_return subject;
}

Task<Subject> Subjects::create(Creator creator, CreateSubject request) {
  const Caller caller = creator;
  const SubjectId id = SubjectId::make();
  const auto most = static_cast<int>(config_.max_subjects);
  auto work = once(creator, [caller, id, most, request = std::move(request)](pg::Tx& tx) {
    // Those that come at once may be a few more.
    if (tx.run(store::count_subjects()) >= most) {
      throw Error(Code::conflict, "There are " + std::to_string(most) + " subjects already");
    }
    Subject subject = store::insert_subject(tx, id, request);
    audit::write(tx, caller, kCreate, {{"subject", id}}, audit::kNothing, state_of(subject));
    return subject;
  });
  Subject subject = co_await db_.transaction(std::move(work));
  co_return subject;
}

Task<Subject> Subjects::update(Caller caller, UpdateSubject request) {
  auto work = [caller, request = std::move(request)](pg::Tx& tx) {
    const Subject before = tx.run(store::lock_subject(request.id));
    Subject subject = before;
    apply(request, subject);
    subject = store::update_subject(tx, subject);
    audit::write(tx, caller, kUpdate, {{"subject", subject.id}}, state_of(before),
                 state_of(subject));
    return subject;
  };
  Subject subject = co_await db_.transaction(std::move(work));
  co_return subject;
}

Task<> Subjects::remove(Caller caller, SubjectPath path) {
  auto work = [caller, id = path.id](pg::Tx& tx) {
    const Subject before = tx.run(store::lock_subject(id));
    tx.run(store::delete_subject(id));
    audit::write(tx, caller, kDelete, {{"subject", id}}, state_of(before), audit::kNothing);
  };
  co_await db_.transaction(std::move(work));
}

Task<Page<Subject>> Subjects::list_mine(Caller caller) {
  std::vector<Subject> subjects = co_await db_.run(store::list_of(caller.user));
  co_return whole(std::move(subjects));
}

Task<Subject> Subjects::add_mine(Caller caller, ChosenSubject request) {
  const auto most = static_cast<int>(config_.max_subjects_per_user);
  auto work = [user = caller.user, id = request.subject_id, most](pg::Tx& tx) {
    Subject subject = tx.run(store::get_subject(id));
    if (store::count_others_of(tx, user, id) >= most) {
      throw Error(Code::conflict,
                  "You study " + std::to_string(most) + " subjects already; take one away first");
    }
    store::insert_of(tx, user, id);
    return subject;
  };
  Subject subject = co_await db_.transaction(std::move(work));
  co_return subject;
}

Task<> Subjects::remove_mine(Caller caller, SubjectPath path) {
  const pg::Count gone = co_await db_.run(store::delete_of(caller.user, path.id));
  if (gone.value == 0) throw Error(Code::not_found);
}

}  // namespace stoa::subjects
