# pyjsua_cython(<variable> <file.pyx>): the C file made from it, remade when any .pxd or .pxi it reads changes.

find_package(Python REQUIRED COMPONENTS Interpreter)
execute_process(
  COMMAND "${Python_EXECUTABLE}" -c "import Cython; print(Cython.__version__)"
  OUTPUT_VARIABLE cython_version OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE cython_missing ERROR_QUIET)
if(cython_missing OR cython_version VERSION_LESS 3.0)
  message(FATAL_ERROR "Cython 3 is needed in ${Python_EXECUTABLE}: pip install 'cython>=3'")
endif()

function(pyjsua_cython out_variable pyx)
  cmake_path(GET pyx STEM name)
  set(c_file "${CMAKE_CURRENT_BINARY_DIR}/cython/${name}.c")
  file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/cython")
  add_custom_command(
    OUTPUT "${c_file}"
    COMMAND "${Python_EXECUTABLE}" -m cython -3 --depfile --module-name pyjsua.${name}
            -I "${CMAKE_CURRENT_SOURCE_DIR}/include" -I "${CMAKE_CURRENT_SOURCE_DIR}/src/pyjsua"
            -o "${c_file}" "${CMAKE_CURRENT_SOURCE_DIR}/${pyx}"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${pyx}"
    DEPFILE "${c_file}.dep"
    COMMENT "Cython ${pyx}"
    VERBATIM)
  set(${out_variable} "${c_file}" PARENT_SCOPE)
endfunction()
