# How everything in this tree is compiled: PJSIP, our C, the Cython module.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# NDEBUG is law 8: with it an assertion in PJSIP is an error code, without it the end of the process.
foreach(lang C CXX)
  set(CMAKE_${lang}_FLAGS_RELEASE "-O2 -DNDEBUG")
  set(CMAKE_${lang}_FLAGS_RELWITHDEBINFO "-O2 -g -DNDEBUG")
  set(CMAKE_${lang}_VISIBILITY_PRESET hidden)
endforeach()
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
# For the tests that ask the compiler what a header says.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set_property(CACHE PYJSUA_SANITIZE PROPERTY STRINGS "" address thread)
if(PYJSUA_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=address)
elseif(PYJSUA_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=thread)
elseif(PYJSUA_SANITIZE)
  message(FATAL_ERROR "PYJSUA_SANITIZE is '${PYJSUA_SANITIZE}'; it may be address, thread or empty")
endif()

# Keeps PJSIP's symbols inside the module: a host program may carry another PJSIP, OpenSSL or SRTP.
function(pyjsua_hide_symbols target)
  if(LINUX)
    target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL)
  elseif(APPLE)
    target_link_options(${target} PRIVATE "-Wl,-exported_symbol,_PyInit_${target}")
  elseif(MINGW)
    # Its own runtime and POSIX threads are DLLs that no other Windows has.
    target_link_options(${target} PRIVATE -Wl,--exclude-all-symbols -static)
  endif()
endfunction()
