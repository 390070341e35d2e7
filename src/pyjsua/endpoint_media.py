"""What an endpoint makes for the conference bridge, and the codecs of its calls."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import _core
from .codecs import EndpointCodec, of_endpoint
from .conference import Conference
from .config import CodecParam
from .player import Player, Playlist
from .recorder import Recorder
from .stereo import StereoRecorder
from .tone import ToneGenerator

__all__: list[str] = []


class EndpointMedia:
    """What an `Endpoint` has of audio."""

    if TYPE_CHECKING:

        def _require_running(self) -> None: ...

    # -- audio

    def player(self, path: str | os.PathLike[str], *, loop: bool = False) -> Player:
        """Opens a WAV file for playing. Raises `FileNotFoundError`, `UnsupportedFormat`."""
        self._require_running()
        return Player(path, loop=loop)

    def playlist(self, paths: Sequence[str | os.PathLike[str]], *, loop: bool = False) -> Playlist:
        """Opens WAV files to be played one after the other. Raises as `player` does."""
        self._require_running()
        return Playlist(paths, loop=loop)

    def recorder(self, path: str | os.PathLike[str], *, encoding: str = "pcm") -> Recorder:
        """Opens a WAV file for recording, ``"pcm"``, ``"alaw"`` or ``"ulaw"``.

        Raises `OSError` where it cannot be written.
        """
        self._require_running()
        return Recorder(path, encoding=encoding)

    def tone_generator(self) -> ToneGenerator:
        """A new tone generator, silent until it is told to play."""
        self._require_running()
        return ToneGenerator()

    def stereo_recorder(
        self, path: str | os.PathLike[str], *, max_duration: float | None = None
    ) -> StereoRecorder:
        """Opens a WAV file for two channels, aligned to the sample; for a call see `Call.record`."""
        self._require_running()
        return StereoRecorder(path, max_duration=max_duration)

    def conference(self) -> Conference:
        """A conference that nobody has joined yet."""
        self._require_running()
        return Conference()

    # -- codecs

    @property
    def codecs(self) -> tuple[EndpointCodec, ...]:
        """The codecs of this build, the most preferred first; those that are off are last."""
        self._require_running()
        return of_endpoint()

    def set_codecs(self, codecs: Sequence[str]) -> None:
        """What calls offer and accept from now on, in this order, and no others (`pjsua_codec_set_priority`).

        Names (``"PCMU"``), ids (``"opus/48000/2"``) or patterns (``"speex/*"``), also of codecs that
        were off. An account's and a call's own list choose from these. Raises `ValueError` for an empty
        list and for what is no codec of this build.
        """
        self._require_running()
        wanted = _core.matching_codecs(codecs, True)
        known = [info.codec_id for info in _core.enum_codecs()]
        for place, codec_id in enumerate(wanted):
            _core.codec_set_priority(codec_id, 254 - place)
        for codec_id in known:
            if codec_id not in wanted:
                _core.codec_set_priority(codec_id, 0)

    def set_codec_priority(self, codec_id: str, priority: int) -> None:
        """Sets the priority of the codecs whose id begins so, 0 (off) to 255 (`pjsua_codec_set_priority`)."""
        self._require_running()
        _core.codec_set_priority(codec_id, priority)

    def set_codec_param(self, codec_id: str, param: CodecParam | None) -> None:
        """Sets what calls start with from now on, PJSIP's own for None (`pjsua_codec_set_param`).

        Best taken from `codecs`, changed, and set. Raises `ValueError` for what the codec cannot do.
        """
        self._require_running()
        _core.codec_set_param(codec_id, param)
