"""The form that ratings come through, where platforms differ: defaults for the silent, the day on
which a rating is shown, what other sellers offer on a listing, what the platform fulfils itself."""

# fmt: off  (a table of parameters reads best with one paragraph each)
from __future__ import annotations

from typing import Any, Literal

from sim.config.fields import Frozen, param

Share: dict[str, Any] = dict(low=0.0, high=1.0)
DefaultsWhen = Literal["never", "always", "if_seller_rated", "clean_delivery"]


class DefaultRules(Frozen):
    """What the platform leaves for a customer who says nothing: a good rating, or nothing."""

    when: DefaultsWhen = param(
        "never", "never; always; if_seller_rated: where the other side rated the customer good; "
        "clean_delivery: tracked, on time, without trouble", unit="rule",
        source="see the platform's file", status="documented", world=True)
    after_days: int = param(
        15, "Days after the end of the order (see feedback.counts_from) until then", unit="days",
        low=1, high=365, source="see the platform's file", status="documented", world=True)
    in_display: bool = param(
        False, "Do they count in what a listing shows?", unit="yes/no",
        source="see the platform's file", status="documented", world=True)
    seller_rates: float = param(
        0.9, "Share of sellers who rate their customers, as soon as an order is over", unit="p",
        **Share, source="no public figure", status="assumed", world=True)


class RevealRules(Frozen):
    """When a rating is shown and counts."""

    double_blind: bool = param(
        False, "Is a good rating hidden until the other side has rated or the form has closed, "
        "and any other until bad_after_days after that?", unit="yes/no",
        source="see the platform's file", status="documented", world=True)
    bad_after_days: int = param(
        2, "Days after both have rated, or the form has closed, until a rating that is not good "
        "is shown", unit="days", low=0, high=60, source="see the platform's file",
        status="documented", world=True)
    moderation_days: int = param(
        0, "Days that every rating is looked at before it is shown", unit="days", low=0, high=60,
        source="see the platform's file", status="documented", world=True)


class OfferRules(Frozen):
    """Which of several offers on a listing is the featured one."""

    price_weight: float = param(
        8.0, "Weight of the log of price in the daily race for the featured offer",
        unit="weight", low=0.0, high=100.0, source="price is named; weight: none public",
        status="assumed", world=True)
    odr_weight: float = param(
        1.0, "Weight of the order defect rate over its limit in it", unit="weight", low=0.0,
        high=100.0, source="performance is named; weight: none public", status="assumed",
        world=True)
    at_risk_eligible: bool = param(
        True, "May an offer of a seller at risk be featured?", unit="yes/no",
        source="no public figure", status="assumed", world=True)
    others_share: float = param(
        0.17, "Share of purchases that go to another offer, where there is one", unit="p",
        **Share, source="four fifths or so go through the featured offer (trade)",
        status="assumed", world=True)


class ByPlatform(Frozen):
    """Orders that the platform stores, packs and ships for a seller."""

    on_time: float = param(
        0.985, "Share of them that arrive by the promise", unit="p", low=0.02, high=0.9999,
        source="no public figure", status="assumed", world=True)
    damaged: float = param(
        0.003, "Share that arrive damaged", unit="p", **Share, source="no public figure",
        status="assumed", world=True)
    wrong_item: float = param(
        0.001, "Share with a wrong item", unit="p", **Share, source="no public figure",
        status="assumed", world=True)
    fee: float = param(
        4.0, "Fee for each, in place of what service costs the seller", unit="USD", low=0.0,
        high=1000.0, source="fee schedules run from 3 to 10 USD by size", status="assumed",
        world=True)
    struck: float = param(
        0.9, "Chance that feedback wholly about their delivery is struck through", unit="p",
        **Share, source="rule: Amazon seller help 20231; chance: none public", status="assumed",
        world=True)
    goes_on: bool = param(
        True, "Do they stay on sale while the account is deactivated for its own order defects?",
        unit="yes/no", source="often only seller-fulfilled offers are deactivated (sellers)",
        status="published", world=True)


class BoughtReviews(Frozen):
    """Reviews that a seller pays for, as the platform sees them."""

    verified: bool = param(
        True, "Do they come through purchases that are paid back, and count as verified?",
        unit="yes/no", source="reimbursed purchases are common (He, Hollenbeck & Proserpio 2022)",
        status="published", world=True)
    found_share: float = param(
        0.45, "Share of them that is found and deleted in the end", unit="p", **Share,
        source="many are deleted (He, Hollenbeck & Proserpio 2022); share: no figure read",
        status="assumed", world=True)
    found_after_days: float = param(
        100.0, "Mean days until then", unit="days", low=1.0, high=3650.0,
        source="months rather than days; no figure read", status="assumed",
        world=True)
