# PJSIP from third_party/pjproject, and the target `pjproject`: its libraries in link order, its headers,
# our config_site.h ahead of them, and the settings it was compiled with.

include("${CMAKE_CURRENT_LIST_DIR}/fetch_pjproject.cmake")

# --- Libraries: bundled where the tree has them, else the system's, else an error that names the package

include(CheckIncludeFile)
set(missing "")

# pjproject_library(<name> <bundled folder or -> <header> <library> <Debian package> <what is lost>)
function(pjproject_library name folder header library package what)
  if(PYJSUA_BUNDLED AND NOT folder STREQUAL "-" AND EXISTS "${pjproject_source}/third_party/${folder}/CMakeLists.txt")
    set(PYJSUA_${name} bundled CACHE INTERNAL "")
    return()
  endif()
  find_path(PYJSUA_${name}_HEADER NAMES ${header})
  find_library(PYJSUA_${name}_LIBRARY NAMES ${library})
  mark_as_advanced(PYJSUA_${name}_HEADER PYJSUA_${name}_LIBRARY)
  set(PYJSUA_${name} system CACHE INTERNAL "")
  if(NOT PYJSUA_${name}_HEADER OR NOT PYJSUA_${name}_LIBRARY)
    string(APPEND missing "\n    ${package} (${header}, lib${library}): ${what}")
    set(missing "${missing}" PARENT_SCOPE)
  endif()
endfunction()

pjproject_library(GSM      gsm   "gsm.h;gsm/gsm.h"            gsm      libgsm1-dev     "the GSM codec")
pjproject_library(SRTP     srtp  srtp2/srtp.h                 srtp2    libsrtp2-dev    "encrypted media (SRTP)")
pjproject_library(SPEEX    speex speex/speex.h                speex    libspeex-dev    "the Speex codec")
pjproject_library(SPEEXDSP speex speex/speexdsp_types.h       speexdsp libspeexdsp-dev "resampling and echo cancellation")
pjproject_library(OPUS     -     opus/opus.h                  opus     libopus-dev     "the Opus codec")
if(PYJSUA_G729)
  pjproject_library(BCG729 -     bcg729/encoder.h             bcg729   libbcg729-dev   "the G.729 codec")
endif()
if(PYJSUA_AMR)
  pjproject_library(AMRNB - opencore-amrnb/interf_enc.h opencore-amrnb libopencore-amrnb-dev "the AMR codec")
  pjproject_library(AMRWB - opencore-amrwb/dec_if.h opencore-amrwb libopencore-amrwb-dev "decoding AMR-WB")
  pjproject_library(AMRWBENC - vo-amrwbenc/enc_if.h vo-amrwbenc libvo-amrwbenc-dev "encoding AMR-WB")
endif()
pjproject_library(OPENSSL  -     openssl/ssl.h                ssl      libssl-dev      "TLS and DTLS")
if(LINUX)
  # Headers only: the library itself is looked for at run time (src/native/alsa_loader.c).
  find_path(PYJSUA_ALSA_HEADER NAMES alsa/asoundlib.h)
  mark_as_advanced(PYJSUA_ALSA_HEADER)
  if(NOT PYJSUA_ALSA_HEADER)
    string(APPEND missing "\n    libasound2-dev (alsa/asoundlib.h): sound devices")
  endif()
endif()
if(missing)
  message(FATAL_ERROR
    "These system packages (by their Debian names) are missing:${missing}\n"
    "  As root: tools/install-system-packages build\n")
endif()

# --- PJSIP's own CMake, unedited

set(BUILD_SHARED_LIBS OFF)
set(BUILD_TESTING OFF)
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)          # our values, not the cache's, decide its options
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)      # else the codecs' imported targets are unseen by its subdirectories
set(PJ_SKIP_EXPERIMENTAL_NOTICE ON)

if(LINUX)
  set(ioqueue epoll)
elseif(APPLE)
  set(ioqueue kqueue)
else()
  set(ioqueue select)
endif()

foreach(setting IN ITEMS
    PJLIB_WITH_IOQUEUE=${ioqueue} PJLIB_WITH_SSL=openssl PJLIB_WITH_LIBUUID=OFF PJNATH_WITH_UPNP=OFF
    PJ_DEP_GSM=${PYJSUA_GSM} PJ_DEP_SPEEX=${PYJSUA_SPEEX} PJ_DEP_SRTP=${PYJSUA_SRTP}
    PJ_DEP_G7221=OFF PJ_DEP_ILBC=OFF PJ_DEP_RESAMPLE=OFF PJ_DEP_WEBRTC=OFF PJ_DEP_WEBRTC_AEC3=OFF PJ_DEP_YUV=OFF
    PJMEDIA_WITH_VIDEO=OFF PJMEDIA_WITH_RESAMPLE=speex PJMEDIA_WITH_SRTP=ON
    PJMEDIA_WITH_SPEEX_AEC=ON PJMEDIA_WITH_WEBRTC_AEC=OFF PJMEDIA_WITH_WEBRTC_AEC3=OFF
    PJMEDIA_WITH_G711_CODEC=ON PJMEDIA_WITH_L16_CODEC=ON PJMEDIA_WITH_G722_CODEC=ON PJMEDIA_WITH_GSM_CODEC=ON
    PJMEDIA_WITH_SPEEX_CODEC=ON PJMEDIA_WITH_OPUS_CODEC=ON PJMEDIA_WITH_BCG729_CODEC=${PYJSUA_G729}
    PJMEDIA_WITH_ILBC_CODEC=OFF PJMEDIA_WITH_G7221_CODEC=OFF PJMEDIA_WITH_OPENCORE_AMRNB_CODEC=${PYJSUA_AMR}
    PJMEDIA_WITH_OPENCORE_AMRWB_CODEC=${PYJSUA_AMR} PJMEDIA_WITH_SILK_CODEC=OFF PJMEDIA_WITH_LYRA_CODEC=OFF
    PJMEDIA_EXTERNAL_GSM_CODEC=ON PJMEDIA_EXTERNAL_SPEEX_CODEC=ON
    PJMEDIA_WITH_AUDIODEV_ALSA=OFF PJMEDIA_WITH_AUDIODEV_WASAPI=OFF)
  string(REPLACE "=" ";" setting "${setting}")
  list(GET setting 0 option)
  list(GET setting 1 value)
  # In the cache as well, and by force: PJSIP's pj_force_set() writes there when it gives a codec up.
  set(${option} "${value}" CACHE STRING "set by pyjsua" FORCE)
  mark_as_advanced(${option})
endforeach()

if(PYJSUA_SRTP STREQUAL "system")
  # Its own search takes any shared one before a static one.
  set(SRTP_LIBRARY "${PYJSUA_SRTP_LIBRARY}" CACHE FILEPATH "set by pyjsua" FORCE)
  mark_as_advanced(SRTP_LIBRARY)
endif()

# Our config_site.h, and empty iLBC headers that ilbc.c includes though the codec is off.
set(pjproject_overlay "${CMAKE_BINARY_DIR}/pjproject-overlay")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${pjproject_home}/config_site.h")
file(READ "${pjproject_home}/config_site.h" pjproject_settings)
if(PYJSUA_AMR)
  string(PREPEND pjproject_settings "#define PYJSUA_AMR 1\n")
endif()
if(NOT PYJSUA_G729)
  string(REGEX REPLACE "(PJMEDIA_HAS_BCG729 +)1" "\\10" pjproject_settings "${pjproject_settings}")
endif()
file(CONFIGURE OUTPUT "${pjproject_overlay}/pj/config_site.h" CONTENT "${pjproject_settings}" @ONLY)
foreach(header IN ITEMS encode decode)
  if(NOT EXISTS "${pjproject_overlay}/third_party/ilbc/iLBC_${header}.h")
    file(WRITE "${pjproject_overlay}/third_party/ilbc/iLBC_${header}.h" "")
  endif()
endforeach()
file(MAKE_DIRECTORY "${pjproject_overlay}/pjmedia/src")

add_subdirectory("${pjproject_home}" "${CMAKE_BINARY_DIR}/pjproject" EXCLUDE_FROM_ALL)

# Its Speex echo canceller over src/native/speex_calls.h in place of two calls that write to stderr.
set(speex_calls "${CMAKE_CURRENT_LIST_DIR}/../src/native/speex_calls.h")
set_source_files_properties("${pjproject_source}/pjmedia/src/pjmedia/echo_speex.c" TARGET_DIRECTORY pjmedia PROPERTIES
  COMPILE_OPTIONS "-include;${speex_calls}"
  OBJECT_DEPENDS "${speex_calls}")

# Its accounts over src/native/regc_calls.h, where the sending of a REGISTER shows.
set(regc_calls "${CMAKE_CURRENT_LIST_DIR}/../src/native/regc_calls.h")
set_source_files_properties("${pjproject_source}/pjsip/src/pjsua-lib/pjsua_acc.c" TARGET_DIRECTORY pjsua-lib PROPERTIES
  COMPILE_OPTIONS "-include;${regc_calls}"
  OBJECT_DEPENDS "${regc_calls}")

# Its registrations over src/native/regc_leaving.h, where the end of one shows.
set(regc_leaving "${CMAKE_CURRENT_LIST_DIR}/../src/native/regc_leaving.h")
set_source_files_properties("${pjproject_source}/pjsip/src/pjsip-ua/sip_reg.c" TARGET_DIRECTORY pjsip-ua PROPERTIES
  COMPILE_OPTIONS "-DPYJ_SIP_REG;-include;${regc_leaving}"
  OBJECT_DEPENDS "${regc_leaving}")

# Its media over UDP over src/native/udp_addresses.h, where an address may be cleared while it is compared.
set(udp_addresses "${CMAKE_CURRENT_LIST_DIR}/../src/native/udp_addresses.h")
set_source_files_properties("${pjproject_source}/pjmedia/src/pjmedia/transport_udp.c" TARGET_DIRECTORY pjmedia PROPERTIES
  COMPILE_OPTIONS "-include;${udp_addresses}"
  OBJECT_DEPENDS "${udp_addresses}")

# Its TCP and TLS over src/native/delayed_sends.h, so that no request is lost where a connection fails.
set(delayed_sends "${CMAKE_CURRENT_LIST_DIR}/../src/native/delayed_sends.h")
foreach(transport IN ITEMS tcp tls)
  set_source_files_properties("${pjproject_source}/pjsip/src/pjsip/sip_transport_${transport}.c" TARGET_DIRECTORY pjsip
    PROPERTIES
    COMPILE_OPTIONS "-DPYJ_TRANSPORT=${transport};-include;${delayed_sends}"
    OBJECT_DEPENDS "${delayed_sends}")
endforeach()

# --- What PJSIP's CMake made of it: it gives up a codec with a line in the log, we do not

foreach(option IN ITEMS
    PJLIB_WITH_SSL PJMEDIA_WITH_SRTP PJMEDIA_WITH_SPEEX_AEC PJMEDIA_WITH_G711_CODEC PJMEDIA_WITH_L16_CODEC
    PJMEDIA_WITH_G722_CODEC PJMEDIA_WITH_GSM_CODEC PJMEDIA_WITH_SPEEX_CODEC PJMEDIA_WITH_OPUS_CODEC)
  if(NOT ${option})
    message(FATAL_ERROR "PJSIP's CMake turned ${option} off: a library of its was found, but cannot be used")
  endif()
endforeach()
if(PYJSUA_G729 AND NOT PJMEDIA_WITH_BCG729_CODEC)
  message(FATAL_ERROR "PJSIP's CMake turned G.729 off: bcg729 was found, but cannot be used")
endif()
if(PYJSUA_AMR AND NOT (PJMEDIA_WITH_OPENCORE_AMRNB_CODEC AND PJMEDIA_WITH_OPENCORE_AMRWB_CODEC))
  message(FATAL_ERROR "PJSIP's CMake turned AMR off: a library of its was found, but cannot be used")
endif()
if(NOT PJMEDIA_WITH_RESAMPLE STREQUAL "speex")
  message(FATAL_ERROR "PJSIP's CMake chose '${PJMEDIA_WITH_RESAMPLE}' for resampling: speexdsp cannot be used")
endif()

# --- What the rest of this tree links

set(pjproject_libraries
  pjsua-lib pjsip-ua pjsip-simple pjsip pjmedia-codec pjmedia-audiodev pjmedia-videodev pjmedia
  pjnath pjlib-util pjlib)

# Fails to compile, by name, when a header disagrees about a codec or a size.
add_library(pjproject_check OBJECT "${pjproject_home}/build_check.c")
target_compile_definitions(pjproject_check PRIVATE PYJSUA_G729=$<BOOL:${PYJSUA_G729}>)

add_library(pjproject INTERFACE)
foreach(target IN ITEMS pjproject pjproject_check)
  if(target STREQUAL "pjproject")
    set(scope INTERFACE)
  else()
    set(scope PRIVATE)
  endif()
  target_include_directories(${target} BEFORE ${scope} "${pjproject_overlay}")
  target_link_libraries(${target} ${scope} ${pjproject_libraries})
endforeach()
add_dependencies(pjproject pjproject_check)
if(TARGET SRTP::SRTP AND TARGET OpenSSL::Crypto)
  # A static one (tools/libraries) takes its ciphers from there, and comes after it else.
  set_property(TARGET SRTP::SRTP APPEND PROPERTY INTERFACE_LINK_LIBRARIES OpenSSL::Crypto)
endif()
if(MINGW)
  # Headers there take a library for a DLL unless they are told, and a static one says nowhere what else it wants.
  target_compile_definitions(pjmedia-codec PRIVATE BCG729_STATIC)
  if(TARGET OpenSSL::Crypto)
    set_property(TARGET OpenSSL::Crypto APPEND PROPERTY INTERFACE_LINK_LIBRARIES crypt32 ws2_32)
  endif()
endif()

# PJSIP's ALSA driver, compiled for <target> over src/native/alsa_loader.h in place of a link with libasound.
function(pyjsua_alsa target)
  if(NOT LINUX)
    return()
  endif()
  set(driver "${pjproject_source}/pjmedia/src/pjmedia-audiodev/alsa_dev.c")
  set(calls "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../src/native/alsa_calls.h")
  target_sources(${target} PRIVATE "${driver}")
  set_source_files_properties("${driver}" TARGET_DIRECTORY ${target} PROPERTIES
    COMPILE_OPTIONS "-w;-include;${calls}"
    COMPILE_DEFINITIONS "PYJSUA_ALSA_DEV=1"
    OBJECT_DEPENDS "${calls}")
  target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
endfunction()
