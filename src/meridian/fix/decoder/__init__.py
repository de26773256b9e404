"""FIX logs for people: finds the messages in a log and says what they mean."""

from meridian.fix.decoder.chain import OrderChain
from meridian.fix.decoder.decoder import Decoder
from meridian.fix.decoder.gist import gist
from meridian.fix.decoder.records import Decoded, DecodedField, Problem, ProblemCode

__all__ = [
    "Decoded",
    "DecodedField",
    "Decoder",
    "OrderChain",
    "Problem",
    "ProblemCode",
    "gist",
]
