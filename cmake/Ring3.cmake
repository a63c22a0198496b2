# SPDX-License-Identifier: GPL-2.0-only
# Flags that everything is built with, the libraries, and ring3_layer(): one folder of src/ as an
# OBJECT library plus the unit tests that lie beside its sources.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf)
pkg_check_modules(LIBELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(LIBDW REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(LZMA REQUIRED IMPORTED_TARGET liblzma)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

add_library(ring3_flags INTERFACE)
target_include_directories(ring3_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(ring3_flags INTERFACE
  -g -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
  # Kernel objects are seen through several types; the unwinder reads our frames.
  -fno-strict-aliasing -fno-omit-frame-pointer)
target_link_libraries(ring3_flags INTERFACE Threads::Threads fmt::fmt)
if(RING3_SANITIZE)
  target_compile_options(ring3_flags INTERFACE -fsanitize=${RING3_SANITIZE} -fno-sanitize-recover=undefined)
  target_link_options(ring3_flags INTERFACE -fsanitize=${RING3_SANITIZE})
endif()
if(RING3_FUZZ)  # coverage for libFuzzer; its main is linked into tests/fuzz only
  target_compile_options(ring3_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link>)
  target_link_options(ring3_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ring3_layer(NAME SOURCES... [TESTS...]): sources ending in _test.cc become one test program.
function(ring3_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc
    ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.S)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    return()  # a layer whose first source has not arrived
  endif()
  add_library(ring3_${name} OBJECT ${sources})
  target_link_libraries(ring3_${name} PUBLIC ring3_flags ${ARGN})
  # Module frames carry ORC, not .eh_frame: an exception that reached one would end the process.
  target_compile_options(ring3_${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
  set_property(GLOBAL APPEND PROPERTY RING3_LAYERS ring3_${name})
  if(tests)
    set_property(GLOBAL APPEND PROPERTY RING3_UNIT_TESTS ${tests})
  endif()
endfunction()

# ring3_program(NAME SOURCES...): links every layer.
function(ring3_program name)
  get_property(layers GLOBAL PROPERTY RING3_LAYERS)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE ${layers})
endfunction()
