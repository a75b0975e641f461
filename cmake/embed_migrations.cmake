# cmake -DOUT=file.cpp -DFOLDER=migrations -P embed_migrations.cmake: the SQL files as one C++ source.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(rows "")
foreach(path ${files})
  get_filename_component(name ${path} NAME_WE)
  if(NOT name MATCHES "^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$")
    message(FATAL_ERROR "${path}: a migration's name is four digits, an underscore and lower-case words")
  endif()
  file(READ ${path} sql)
  string(FIND "${sql}" ")stoa\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${path} holds the end mark of the literal that it is embedded in")
  endif()
  string(APPEND rows "    {\"${name}\", R\"stoa(${sql})stoa\"},\n")
endforeach()
file(WRITE ${OUT} "// Made from migrations/*.sql.
#include <stoa/postgres/migrator.hpp>

namespace stoa::pg {
namespace {
constexpr Migration kMigrations[] = {
${rows}};
}  // namespace

std::span<const Migration> migrations() noexcept { return kMigrations; }

}  // namespace stoa::pg
")
