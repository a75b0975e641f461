# stoa_library(NAME [DEPENDS lib...] [SYSTEM lib...]): the .cpp files of this folder as one library.
# DEPENDS are the project's own libraries that it may include; SYSTEM are other people's.
# Its sources are compiled STOA_BATCH at a time: many build sooner, few are sooner built again.
set(STOA_BATCH 8)
function(stoa_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SYSTEM" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC stoa_options ${ARG_DEPENDS} ${ARG_SYSTEM})
  stoa_fast(${name} stoa_headers ${STOA_BATCH})
endfunction()
