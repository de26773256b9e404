"""Symbolic names of enumerated values, as the FIX standard spells them."""

from __future__ import annotations

__all__ = ["symbolic"]

_SHOUTED = """
ABS ACFI ACH AON API BIC CDS CFD CFI CUSIP DK DTC DVP ECN EEA EFP ESG ETF EU EUR EURIBOR FIFO FIX
FX GBP GTC GTD IBAN ID IDS IOC IOI IRA ISA ISDA ISIN ISO LEI LIBOR LIFO MIC MMF NAV NYSE OTC PDF
POD PTM RFQ RIC SEDOL SEF SSI SWIFT TBA TBD TED TIPS UK UPI URI URL US USD USI UTC UTI VWAP XML
"""
_ACRONYMS = frozenset(_SHOUTED.split())


def symbolic(description: str) -> str:
    """``SELL_SHORT`` becomes ``SellShort``; what has small letters already stays as it is."""
    words = "".join(c if c.isalnum() else " " for c in description).split()
    if any(c.islower() for c in description):
        return "".join(word[0].upper() + word[1:] for word in words)
    return "".join(word if word in _ACRONYMS else word.capitalize() for word in words)
