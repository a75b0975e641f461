# What every target is compiled with, and the libraries that Debian brings.
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS url)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(pq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
pkg_check_modules(jemalloc IMPORTED_TARGET jemalloc)
pkg_check_modules(xcrypt REQUIRED IMPORTED_TARGET libcrypt)
find_package(prometheus-cpp REQUIRED)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(vips REQUIRED IMPORTED_TARGET vips-cpp>=8.14)
# Its flag -pthread would keep the precompiled headers from being used; threads are linked anyway.
set_property(TARGET PkgConfig::vips PROPERTY INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(webp REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(magic REQUIRED IMPORTED_TARGET libmagic)

add_library(stoa_options INTERFACE)
target_include_directories(stoa_options INTERFACE ${PROJECT_SOURCE_DIR}/include)
# Executables are loaded at an address of chance, whatever the compiler's default is.
target_compile_options(stoa_options INTERFACE -fPIE)
target_link_options(stoa_options INTERFACE -pie)
target_compile_options(stoa_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
  # GCC 12 reports these inside the standard library's own inlined code.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-mismatched-new-delete
                           -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>)
target_compile_definitions(stoa_options INTERFACE
  # clang 14 (Debian 12's) has the coroutines of C++20 but does not say so, and the library then hides its header.
  # Later ones say it, and do not let it be said again.
  $<$<AND:$<CXX_COMPILER_ID:Clang>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,17>>:__cpp_impl_coroutine=201902L>
  # jemalloc takes twice as long for aligned_alloc as for new. So what is aligned beyond new's 16 bytes must not stand in
  # a handler or a coroutine.
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  JSON_USE_IMPLICIT_CONVERSIONS=0 SPDLOG_COMPILED_LIB)
target_link_libraries(stoa_options INTERFACE
  Threads::Threads Boost::url nlohmann_json::nlohmann_json spdlog::spdlog OpenSSL::SSL OpenSSL::Crypto)

# Asio's fences, which the thread sanitizer does not model; its queues are guarded by mutexes besides.
if(STOA_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(stoa_options INTERFACE -Wno-tsan)
endif()

if(STOA_SANITIZE)
  target_compile_options(stoa_options INTERFACE -fsanitize=${STOA_SANITIZE} -fno-omit-frame-pointer
                                                -fno-sanitize-recover=all
    # This check opens a pipe to see whether memory is readable, and takes a process out of file
    # descriptors, as tests/integration/durability/descriptors.test.mjs makes one, for a bad object.
    -fno-sanitize=vptr
    # A null pointer that is followed ends the process under the address sanitizer without these two as well, and they
    # are a quarter of the time that compiling takes.
    -fno-sanitize=null,alignment
    # clang 14 cannot put this check's prologue before a coroutine.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(stoa_options INTERFACE -fsanitize=${STOA_SANITIZE})
endif()

find_program(STOA_LLD ld.lld)
if(STOA_LLD)
  add_link_options(-fuse-ld=lld)
endif()
