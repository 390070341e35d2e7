# pyjsua_tables(<target>): the C tables made from the Python values, remade when those change.

function(pyjsua_tables target)
  set(package "${CMAKE_CURRENT_SOURCE_DIR}/src/pyjsua")
  set(generator "${CMAKE_CURRENT_SOURCE_DIR}/tools/generate_tables.py")
  set(tables "${CMAKE_CURRENT_BINARY_DIR}/tables")
  file(GLOB values CONFIGURE_DEPENDS "${package}/config/*.py" "${package}/info/*.py" "${package}/events/*.py"
       "${package}/enums/*.py")
  add_custom_command(
    OUTPUT "${tables}/stamp"
    BYPRODUCTS "${tables}/tables.inc" "${tables}/tables.h"
    COMMAND "${Python_EXECUTABLE}" "${generator}" "${package}" "${tables}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${tables}/stamp"
    DEPENDS "${generator}" ${values} "${package}/ids.py" "${package}/errors.py" "${package}/library.py"
    COMMENT "Tables of structs, enumerations and events"
    VERBATIM)
  target_sources(${target} PRIVATE "${tables}/stamp")
  target_include_directories(${target} PRIVATE "${tables}")
endfunction()
