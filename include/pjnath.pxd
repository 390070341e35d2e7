# pjnath: what the core needs of pjnath/*.h.

from pjlib cimport *

cdef extern from "<pjnath.h>" nogil:
    ctypedef struct pj_ice_sess_options:
        pass
    void pj_ice_sess_options_default(pj_ice_sess_options *opt)
    ctypedef struct pj_turn_sock_tls_cfg:
        pass
    void pj_turn_sock_tls_cfg_default(pj_turn_sock_tls_cfg *tls_cfg)
