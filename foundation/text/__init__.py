"""What a reader sees of a text: every judgement on what people write is made here.

`visible` says whether there is anything to see, `skeletons` which texts look the same, `names` what
a name may consist of and whether it gives another name away. Nothing here changes a text that is
kept. The rules are Unicode's: UAX #44 (properties), UTS #39 (confusables, scripts).
"""

from foundation.text.names import flaw, reveals
from foundation.text.skeletons import first_twice, looks_like, skeletons
from foundation.text.visible import is_visible, storable

__all__ = [
    "first_twice",
    "flaw",
    "is_visible",
    "looks_like",
    "reveals",
    "skeletons",
    "storable",
]
