# pjlib: what the core needs of pj/*.h.

cdef extern from "<pj/types.h>" nogil:
    ctypedef int pj_status_t
    ctypedef int pj_bool_t
    ctypedef ssize_t pj_ssize_t
    ctypedef size_t pj_size_t
    ctypedef unsigned int pj_uint32_t
    ctypedef int pj_int32_t
    ctypedef unsigned char pj_uint8_t

    ctypedef struct pj_str_t:
        char *ptr
        pj_ssize_t slen

    ctypedef struct pj_time_val:
        long sec
        long msec

    enum:
        PJ_SUCCESS
        PJ_TRUE
        PJ_FALSE

    const char *pj_get_version()

    ctypedef struct pj_pool_t:
        pass
    ctypedef struct pj_pool_factory:
        pass

cdef extern from "<pj/errno.h>" nogil:
    enum:
        PJ_EINVAL
        PJ_EINVALIDOP
        PJ_ENOTSUP
        PJ_EBUSY
        PJ_ENOTFOUND
        PJ_ETOOMANY
        PJ_ETOOSMALL
        PJ_ENOMEM
        PJ_ERRNO_START_SYS
    pj_str_t pj_strerror(pj_status_t statcode, char *buf, pj_size_t bufsize)

cdef extern from "<pj/sock.h>" nogil:
    ctypedef struct pj_sockaddr:
        pass
    char *pj_sockaddr_print(const void *addr, char *buf, int size, unsigned flags)
    pj_bool_t pj_sockaddr_has_addr(const void *addr)
    unsigned short pj_sockaddr_get_port(const void *addr)

cdef extern from "<pj/string.h>" nogil:
    int pj_strcmp2(const pj_str_t *str1, const char *str2)

cdef extern from "<pj/list.h>" nogil:
    void pj_list_init(void *node)
    void pj_list_push_back(void *list, void *node)

cdef extern from "<pj/log.h>" nogil:
    enum:
        PJ_LOG_HAS_SENDER
        PJ_LOG_HAS_INDENT
    void pj_log_set_level(int level)
    int pj_log_get_level()

cdef extern from "<pj/ssl_sock.h>" nogil:
    ctypedef struct pj_ssl_sock_param:
        pass
    void pj_ssl_sock_param_default(pj_ssl_sock_param *param)
