from Cython.Build import cythonize
from setuptools import Extension, setup

from pyjsua import get_include

include = [get_include()]
setup(
    packages=[],
    ext_modules=[
        Extension("pyjsua_agc", ["agc.c"], include_dirs=include),
        *cythonize([Extension("pyjsua_tone_detector", ["tone_detector.pyx"], include_dirs=include)]),
    ],
)
