"""Names brought to one script, and how they sound.

`fold_name` gives the spelling that is compared, `sound_of` a coarser key for finding candidates,
`sound_code` the same as a number for an index of a database.
"""

from functools import lru_cache
from zlib import crc32

from registry.names import normalize_name

_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяі")

# Latin letters typed inside a Cyrillic word for the letter that looks alike; B, H and the like by
# their capitals, the form in which most systems store names.
_LOOKALIKES = str.maketrans("abcehikmoprtuxy", "авсенікморгтиху")

# Latin spellings of Russian sounds, the longest first. They cover the passport's own table
# (ICAO 9303: iu, ia, kh, shch) and the everyday one (yu, ya, h).
_TRANSLITERATIONS: tuple[tuple[str, str], ...] = (
    ("shch", "щ"),
    ("sch", "щ"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("tz", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("iu", "ю"),
    ("ju", "ю"),
    ("ya", "я"),
    ("ia", "я"),
    ("ja", "я"),
    ("yo", "е"),
    ("jo", "е"),
    ("ye", "е"),
    ("ie", "е"),
    ("je", "е"),
    ("dj", "дж"),
    ("ph", "ф"),
    ("ck", "к"),
    ("x", "кс"),
)
_SINGLE = str.maketrans("abcdefghijklmnopqrstuvwyz", "абцдефгхийклмнопкрстуввиз")

_DROPPED_SIGNS = str.maketrans("", "", "ьъ'")
# Letters that are mistaken for each other by ear: unstressed vowels, voiced and voiceless pairs.
_SOUND_CLASSES = {
    "а": "оыя",
    "у": "ю",
    "и": "еэйі",
    "п": "б",
    "ф": "в",
    "к": "г",
    "т": "д",
    "ш": "жщ",
    "с": "зц",
}
_SOUNDS = str.maketrans(
    {letter: sound for sound, letters in _SOUND_CLASSES.items() for letter in letters}
)


@lru_cache(maxsize=200_000)
def fold_name(text: str) -> str:
    """The spelling of a name to compare: `normalize_name`, and in Cyrillic where that is meant.

    A Cyrillic word with Latin letters in it gets the Cyrillic ones that look alike; a word all in
    Latin letters is read as a transliteration.
    """
    key = normalize_name(text)
    letters = set(key)
    if not letters & _LATIN:
        return key
    if letters & _CYRILLIC:
        return key.translate(_LOOKALIKES)
    for latin, cyrillic in _TRANSLITERATIONS:
        key = key.replace(latin, cyrillic)
    return key.translate(_SINGLE)


@lru_cache(maxsize=200_000)
def sound_of(folded: str) -> str:
    """A key that is the same for most spellings of a name by ear; of a folded name."""
    sounds = folded.translate(_DROPPED_SIGNS).translate(_SOUNDS)
    kept: list[str] = []
    for letter in sounds:
        if not kept or kept[-1] != letter:
            kept.append(letter)
    return "".join(kept)


@lru_cache(maxsize=200_000)
def sound_code(name: str) -> int:
    """`sound_of` of a name as written, as a signed number of 32 bits; kept in the register.

    Different sounds share a code now and then: what is found by it is compared anyway.
    """
    return crc32(sound_of(fold_name(name)).encode()) - 2**31
