# Puts PJSIP's source into third_party/pjproject/source, or stops and says which ways were tried.

set(pjproject_home "${CMAKE_CURRENT_LIST_DIR}/../third_party/pjproject")
cmake_path(NORMAL_PATH pjproject_home)
set(pjproject_source "${pjproject_home}/source")

find_package(Python REQUIRED COMPONENTS Interpreter)

# Takes well under a second when the source is there and unchanged since it was verified.
execute_process(
  COMMAND "${Python_EXECUTABLE}" "${pjproject_home}/fetch.py"
  RESULT_VARIABLE fetch_failed)
if(fetch_failed)
  message(FATAL_ERROR "PJSIP's source could not be had; what was tried and why it failed stands above")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  "${pjproject_home}/pin.toml" "${pjproject_home}/fetch.py" "${pjproject_home}/config_site.h")
