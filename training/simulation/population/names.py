"""Names and addresses, and how the same ones are written by another hand.

Variants are those record linkage meets: legal forms abbreviated, letters transliterated (ISO 9 and
what passports do), words left out, typing errors.

Invariant: a variant is of the same party; nothing about who offends goes into either.
"""

from typing import Final

import numpy as np


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


FIRST: Final = _words(
    "Anna Maria Elena Ivan Andrei Mehmet Ayşe Fatma Mustafa Jan Piotr Katarzyna Łukasz Jürgen "
    "Käthe Björn Åsa José María Zoë François Hélène Giuseppe Chiara Dimitrios Eleni Oleksandr "
    "Yevhen Serhii Natalia Vasile Ioana Gheorghe Dragan Milica Goran Zoran Mohamed Youssef "
    "Samira John Emma William Li Wei Nguyen Hans Petra Willem Sofie Márton Zsófia Jonas Rūta "
    "Stefan Georgi"
)
LAST: Final = _words(
    "Müller Schmidt Großmann Jansen de_Vries Dubois Lefèvre Rossi Bianchi García Martínez "
    "Nowak Wójcik Kowalski Svensson Åkerlund Novák Dvořák Papadopoulos Nagy Szabó Kazlauskas "
    "Popescu Ionescu Ivanov Petrova Y\u0131lmaz Şahin Öztürk Demir Shevchenko Kovalchuk Tkachenko "
    "Lukashenka Rusu Petrović Đorđević Nikolovski El_Amrani Benali Smith Jones Taylor Wang "
    "Zhang Chen Tran Kim"
)
TRADES: Final = _words(
    "Trading Logistics Import Export Foods Fruit Textil Metall Chemie Electronics Transport "
    "Parts Machinery Supply Commerce Agro Global Maritime Express Industrie Partners Holding"
)
FORMS: Final = (
    ("GmbH", "G.m.b.H."), ("B.V.", "BV"), ("S.A.", "SA"), ("Ltd", "Limited"), ("LLC", "L.L.C."),
    ("S.r.l.", "SRL"), ("A.Ş.", "AS"), ("d.o.o.", "DOO"), ("Co., Ltd.", "Co Ltd"),
    ("Sp. z o.o.", "sp zoo"),
)  # fmt: skip
STREETS: Final = _words(
    "Hauptstraße Dorpsstraat Rue_de_la_Gare Via_Roma Calle_Mayor ul._Długa Atatürk_Caddesi "
    "Stationsweg Hafenstraße Industrieweg Bulevardul_Unirii Nemanjina Vitosha_Blvd "
    "High_Street Kungsgatan Khreshchatyk Zhongshan_Road Sheikh_Zayed_Road Avenida_del_Puerto "
    "Leoforos_Athinon"
)
TOWNS: Final = _words(
    "Rotterdam Hamburg Antwerpen Genova Valencia Gdańsk İstanbul Kyiv Beograd Sofia București "
    "Zürich Oslo Dover Tanger Shanghai Dubai Guayaquil Győr Thessaloniki Malmö Łódź Köln Brno"
)
LETTERS: Final = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ş": "s", "Ş": "S",
        "\u0131": "i", "İ": "I", "ł": "l", "Ł": "L", "ó": "o", "ń": "n", "é": "e", "è": "e",
        "á": "a", "í": "i", "ç": "c", "å": "aa", "Å": "Aa", "ć": "c", "č": "c", "ř": "r", "ž": "z",
        "đ": "dj", "Đ": "Dj", "ő": "o", "ū": "u", "ë": "e", "ț": "t", "ș": "s",
    }
)  # fmt: skip
SPELLINGS: Final = (
    ("Yevhen", "Evgen"), ("Oleksandr", "Aleksandr"), ("Serhii", "Sergey"), ("Mohamed", "Muhammad"),
    ("Youssef", "Yusuf"), ("Shevchenko", "Ševčenko"), ("Kovalchuk", "Kowaltschuk"),
    ("Lukashenka", "Lukashenko"), ("Georgi", "Gueorgui"), ("Dimitrios", "Dimitris"),
    ("Natalia", "Nataliya"), ("Kyiv", "Kiev"), ("Beograd", "Belgrade"), ("Guayaquil", "Guayaqil"),
    ("straße", "str."), ("Street", "St"), ("Boulevard", "Blvd"), ("Avenida", "Av."),
)  # fmt: skip


def person(rng: np.random.Generator) -> str:
    """Draw the name of a person."""
    return f"{FIRST[rng.integers(len(FIRST))]} {LAST[rng.integers(len(LAST))]}"


def firm(rng: np.random.Generator) -> str:
    """Draw the name of a firm: whose it is, what it does, its legal form."""
    owner = (LAST if rng.random() < 0.6 else TOWNS)[rng.integers(len(TOWNS))]
    first, second = (TRADES[rng.integers(len(TRADES))] for _ in range(2))
    trade = first if first == second or rng.random() < 0.45 else f"{first} {second}"
    return f"{owner} {trade} {FORMS[rng.integers(len(FORMS))][0]}"


def address(rng: np.random.Generator) -> str:
    """Draw an address: street, number, town."""
    street = STREETS[rng.integers(len(STREETS))]
    return f"{street} {rng.integers(1, 200)}, {TOWNS[rng.integers(len(TOWNS))]}"


def number(rng: np.random.Generator) -> str:
    """Draw a number of a register."""
    return f"{rng.integers(10**7, 10**8)}"


def rewritten(rng: np.random.Generator, text: str) -> str:
    """Write a name or an address as another hand would: one to three of the usual changes."""
    for change in rng.choice(len(_CHANGES), rng.integers(1, 4), replace=False):
        text = _CHANGES[change](rng, text)
    return text


def _transliterated(_: np.random.Generator, text: str) -> str:
    return text.translate(LETTERS)


def _in_capitals(_: np.random.Generator, text: str) -> str:
    return text.upper()


def _respelled(_: np.random.Generator, text: str) -> str:
    for usual, other in (*FORMS, *SPELLINGS):
        text = text.replace(usual, other)
    return text


def _swapped(_: np.random.Generator, text: str) -> str:
    """Put the last word first, as lists of persons do."""
    words = text.split(" ")
    return text if len(words) < 2 else f"{words[-1]} {' '.join(words[:-1])}"


def _mistyped(rng: np.random.Generator, text: str) -> str:
    """Leave a letter out, write it twice, or swap it with the next."""
    at = int(rng.integers(1, len(text) - 1))
    letter, following = text[at], text[at + 1]
    written = ("", letter * 2, following + letter)[rng.integers(3)]
    skipped = at + 2 if written == following + letter else at + 1
    return text[:at] + written + text[skipped:]


_CHANGES: Final = (_transliterated, _in_capitals, _respelled, _swapped, _mistyped, _mistyped)
