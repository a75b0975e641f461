# What makes the build quick. None of it is needed: the preset `plain` builds without, and so shows that each
# source includes what it uses.
#
# A precompiled header holds what nearly every source reads of other people's: the standard library, Asio, Describe.
# Our own headers are not in it, and neither is nlohmann-json, which only those few sources pay for that look into
# a JSON value. The sources of a library are compiled some at a time (a unity build), so that they share the templates
# that they instantiate.
option(STOA_PRECOMPILED "Compile other people's headers once" ON)
option(STOA_UNITY "Compile a library's sources some at a time" ON)

# The compiler's cache is used where it is installed. It has to be told that a precompiled header's time does not matter.
find_program(STOA_CCACHE ccache)
if(STOA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${STOA_CCACHE})
endif()

set(STOA_PRECOMPILED_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <deque> <exception> <functional>
  <limits> <map> <memory> <mutex> <optional> <set> <span> <stdexcept> <string> <string_view> <thread> <typeindex>
  <unordered_map> <unordered_set> <utility> <variant> <vector>
  <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
  <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp>
  <boost/asio/use_awaitable.hpp> <boost/describe.hpp> <boost/mp11.hpp>)

# stoa_precompiled(NAME [HEADERS header...] [SYSTEM lib...]): the precompiled header NAME, with the given headers of the
# given libraries on top of the common ones.
function(stoa_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SYSTEM" ${ARGN})
  if(STOA_PRECOMPILED)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "// A precompiled header is compiled with a source.\n")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE stoa_options ${ARG_SYSTEM})
    target_precompile_headers(${name} PRIVATE ${STOA_PRECOMPILED_HEADERS} ${ARG_HEADERS})
  endif()
endfunction()

# stoa_fast(TARGET HEADER BATCH): compiles TARGET with the precompiled header, BATCH sources at a time. A build for a
# sanitizer is seldom built again source by source, so that it has at least eight.
function(stoa_fast target header batch)
  if(STOA_SANITIZE AND batch LESS 8)
    set(batch 8)
  endif()
  if(STOA_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${header})
    # So that the compiler's cache can look through it.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
  if(STOA_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
    # GCC takes a coroutine in an included source for one in a header, whose frame may not hold what is local to a source.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
