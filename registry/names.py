"""Search keys of names and documents, computed in Python.

No database folds Cyrillic the same way (SQLite folds none of it), so keys are made here and kept
in columns of their own.
"""

import unicodedata
from functools import lru_cache

# Hyphens and dashes outside the Unicode category Pd: hyphen bullet, minus sign.
_HYPHENS = "\u2043\u2212"
_APOSTROPHES = "'`\u00b4\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u02c8\u2032\uff07"
_MARKS = dict.fromkeys(map(ord, " -" + _HYPHENS + _APOSTROPHES))
# Pd: hyphens and dashes; Zs: spaces; Cc and Cf: tabs, soft hyphens, zero-width characters.
_DROPPED_CATEGORIES = frozenset({"Pd", "Zs", "Zl", "Zp", "Cc", "Cf"})

# Letters that look the same in Cyrillic and Latin, and V, for which people type the Cyrillic У.
_LOOKALIKES = str.maketrans("авекмнорстхуіv", "abekmhopctxyiy")


# Names come again and again, and each is asked for by several rules.
@lru_cache(maxsize=4096)
def normalize_name(text: str) -> str:
    """The search key of one name: equal for spellings that mean the same name.

    Case, Ё and Е, hyphens and dashes of every kind, apostrophes, spaces and invisible characters
    make no difference; composed and decomposed letters are the same. The key is empty when
    nothing but separators was given. It is stable: the key of a key is that key.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    # Some apostrophes are letters to Unicode, so they go before the short way for plain texts.
    kept = folded.translate(_MARKS)
    if not kept.isalnum():
        kept = "".join(
            character
            for character in kept
            if unicodedata.category(character) not in _DROPPED_CATEGORIES
        )
    # What stood apart may compose now that the characters between are gone.
    return unicodedata.normalize("NFC", kept).replace("ё", "е")


@lru_cache(maxsize=4096)
def normalize_document(text: str) -> str:
    """The search key of a document's series or number.

    Case, spaces, hyphens and the sign № make no difference, nor do Latin and Cyrillic letters
    that look alike (the Roman numeral of a birth certificate is typed with either).
    """
    return normalize_name(text).replace("\u2116", "").translate(_LOOKALIKES)


def is_slip(one: str, other: str) -> bool:
    """Whether two different search keys may be one name with a typing slip in one of them.

    A letter too many, too few or another, or two neighbours changed over. Equal keys are none.
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if len(left) != len(right):
        return left[1:] == right or left == right[1:]
    return left[1:] == right[1:] or (left[2:] == right[2:] and left[:2] == right[:2][::-1])


def is_name(text: str) -> bool:
    """Whether `text` has only characters of a name, and a letter among them.

    Letters of any alphabet, hyphens and dashes, apostrophes, spaces, and the full stop and
    brackets that documents of some countries carry.
    """
    if text.translate(_MARKS).isalpha():
        return True
    has_letter = False
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category[0] == "L":
            has_letter = True
        elif not (
            category in ("Mn", "Mc", "Pd")
            or character in " \u00a0.()"
            or character in _HYPHENS
            or character in _APOSTROPHES
        ):
            return False
    return has_letter
