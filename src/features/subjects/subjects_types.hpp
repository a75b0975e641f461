#pragma once
// What the routes of subjects take and answer. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/rooms/views.hpp>

#include <optional>
#include <string>

namespace stoa::subjects {

using rooms::SubjectId;

struct Subject {
  SubjectId id;
  std::string name;
  std::string category;  // empty: none
  std::optional<std::string> description;
  std::optional<std::string> icon_url;
};
BOOST_DESCRIBE_STRUCT(Subject, (), (id, name, category, description, icon_url))

struct SubjectPath {
  SubjectId id;
};
BOOST_DESCRIBE_STRUCT(SubjectPath, (), (id))

struct SubjectsQuery {
  std::optional<Label<1, 100>> category;
};
BOOST_DESCRIBE_STRUCT(SubjectsQuery, (), (category))

struct CreateSubject {
  Label<1, 100> name;
  std::optional<Label<0, 100>> category;
  std::optional<Text<0, 1000>> description;
  std::optional<WebUrl> icon_url;
};
BOOST_DESCRIBE_STRUCT(CreateSubject, (), (name, category, description, icon_url))

// What is left out stays as it is.
struct UpdateSubject {
  SubjectId id;
  std::optional<Label<1, 100>> name;
  std::optional<Label<0, 100>> category;
  Patch<Text<0, 1000>> description;
  Patch<WebUrl> icon_url;
};
BOOST_DESCRIBE_STRUCT(UpdateSubject, (), (id, name, category, description, icon_url))

struct ChosenSubject {
  SubjectId subject_id;
};
BOOST_DESCRIBE_STRUCT(ChosenSubject, (), (subject_id))

}  // namespace stoa::subjects
