# cython: language_level=3, binding=True, embedsignature=False, auto_pickle=False, autotestdict=False, annotation_typing=False
"""The engine: PJSIP behind Python. Use it through `pyjsua.pjsua` or the objects of `pyjsua`."""

# annotation_typing: Cython would turn an argument annotated `int` into a bare int, and an id lose its serial.

# Rooms in reading order. Each holds one noun, top to bottom: what it needs, then the
# functions named as pjsua.h names them.

cimport cython
cimport native
cimport pj
from cpython.buffer cimport PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size
from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_New
from cpython.object cimport PyObject, PyObject_GenericSetAttr
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.limits cimport LONG_MAX, LONG_MIN
from libc.stdint cimport int16_t, int32_t, uint16_t, uint32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset, strlen

import errno
import os
import re
import stat
from collections.abc import Sequence
from enum import IntFlag
from fnmatch import fnmatchcase
from threading import Lock
from types import MemberDescriptorType

from pyjsua.sdp import Sdp
from pyjsua.sound_file import kind_of
from pyjsua.user_data import UserData

include "core/status.pxi"
include "core/strings.pxi"
include "core/types.pxi"
include "core/token.pxi"
include "core/structs.pxi"
include "core/defaults.pxi"
include "core/gate.pxi"
include "core/queue.pxi"
include "core/callbacks.pxi"
include "core/endpoint.pxi"
include "core/logging.pxi"
include "core/cfg.pxi"
include "core/transport.pxi"
include "core/codec_list.pxi"
include "core/account.pxi"
include "core/account_request.pxi"
include "core/account_rules.pxi"
include "core/nat.pxi"
include "core/timer.pxi"
include "core/call.pxi"
include "core/call_info.pxi"
include "core/call_session.pxi"
include "core/call_request.pxi"
include "core/headers.pxi"
include "core/stream.pxi"
include "core/buddy.pxi"
include "core/presence.pxi"
include "core/subscription.pxi"
include "core/notifier.pxi"
include "core/im.pxi"
include "core/decision.pxi"
include "core/held.pxi"
include "core/hooks.pxi"
include "core/conf.pxi"
include "core/wav.pxi"
include "core/tone.pxi"
include "core/pcm.pxi"
include "core/stereo.pxi"
include "core/capsule.pxi"
include "core/device.pxi"
include "core/codec.pxi"
