# stoa_library(NAME [DEPENDS lib...] [SYSTEM lib...]): the .cpp files of this folder as one library.
# DEPENDS are the project's own libraries that it may include; SYSTEM are other people's.
# Many sources at a time build sooner, few are sooner built again: features, which people work on, have few.
function(stoa_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SYSTEM" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC stoa_options ${ARG_DEPENDS} ${ARG_SYSTEM})
  if(name MATCHES "^stoa_feature_")
    stoa_fast(${name} stoa_headers 4)
  else()
    stoa_fast(${name} stoa_headers 8)
  endif()
endfunction()
