# Everything of PJSIP under one name: the core says `pj.` before what is C's.

from pjlib cimport *
from pjsip cimport *
from pjmedia cimport *
from pjnath cimport *
from pjsua cimport *
