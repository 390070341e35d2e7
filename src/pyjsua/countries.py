"""What callers hear in a few countries, as in ITU-T E.180 Supplement 2."""

from __future__ import annotations

from dataclasses import dataclass

from .config import ToneDesc

__all__ = ["COUNTRIES", "CountryTones", "country_tones"]


@dataclass(frozen=True, slots=True)
class CountryTones:
    """The tones of a country, each to be played over and over."""

    dial: tuple[ToneDesc, ...]
    ringback: tuple[ToneDesc, ...]
    """What the caller hears while the other side rings."""
    busy: tuple[ToneDesc, ...]
    congestion: tuple[ToneDesc, ...]
    """The network could not do it."""


# Frequencies in Hz, the second after a plus sign; ms of sound and of silence in turn, none for no end.
_TABLE: dict[str, tuple[str, str, str, str]] = {
    "at": ("420", "420 1000 5000", "420 400 400", "420 200 200"),
    "ch": ("425", "425 1000 4000", "425 500 500", "425 200 200"),
    "cn": ("450", "450 1000 4000", "450 350 350", "450 700 700"),
    "de": ("425", "425 1000 4000", "425 480 480", "425 240 240"),
    "es": ("425", "425 1500 3000", "425 200 200", "425 200 200 200 200 200 600"),
    "fr": ("440", "440 1500 3500", "440 500 500", "440 250 250"),
    "gb": ("350+440", "400+450 400 200 400 2000", "400 375 375", "400 400 350 225 525"),
    "it": ("425 200 200 600 1000", "425 1000 4000", "425 500 500", "425 200 200"),
    "nl": ("425", "425 1000 4000", "425 500 500", "425 250 250"),
    "us": ("350+440", "440+480 2000 4000", "480+620 500 500", "480+620 250 250"),
}

COUNTRIES: tuple[str, ...] = tuple(_TABLE)
"""Those `country_tones` knows, ISO 3166."""

ENDLESS = 1000
"""Played over and over without a seam, so that any length will do, ms."""


def _tones(text: str) -> tuple[ToneDesc, ...]:
    frequencies, *times = text.split()
    freq1, _, freq2 = frequencies.partition("+")
    cadence = [int(each) for each in times] or [ENDLESS, 0]
    return tuple(
        ToneDesc(freq1=int(freq1), freq2=int(freq2 or 0), on_msec=on, off_msec=off)
        for on, off in zip(cadence[::2], cadence[1::2], strict=True)
    )


def country_tones(country: str) -> CountryTones:
    """The tones of one of `COUNTRIES`; raises `ValueError` for another.

    New ones each time: they may be changed, their volume for instance.
    """
    if not isinstance(country, str):
        raise TypeError(f"country: str expected, not {type(country).__name__}")
    if country.lower() not in _TABLE:
        raise ValueError(f"country: {country!r} is none of {', '.join(COUNTRIES)}")
    return CountryTones(*map(_tones, _TABLE[country.lower()]))
