"""Buyers and non-buying users: how they shop, judge, speak and reconsider.

Latent satisfaction lives on the scale of an ordered logit: 0 is a typical product, private stars
are cut at ``cuts``. What is *felt* is private; what is *said* adds leniency and visible opinion.
"""
# fmt: off  (a table of parameters reads best with one paragraph each)
from __future__ import annotations

from itertools import pairwise
from typing import Any

from pydantic import Field, field_validator, model_validator

from sim.config.fields import Frozen, Probability, Weight, param

Latent = tuple[float, float, float, float]
FiveWeights = tuple[Weight, Weight, Weight, Weight, Weight]
FiveChances = tuple[Probability, Probability, Probability, Probability, Probability]
Share: dict[str, Any] = dict(low=0.0, high=1.0)
PROMPTS = "adds the same to all: Brandes, Godes & Mayzlin 2022; size: no source"
OLIST = "Olist orders and reviews, Brazil 2016-18 (CC BY-NC-SA 4.0), statistics only"


class Segment(Frozen):
    """A latent class of shoppers: how strongly each thing on the page moves them."""

    share: float = param(
        1.0, "Weight of the segment in the population", unit="weight", low=0.0, high=1e6,
        source="design", status="design", world=True)
    price: float = param(
        -1.5, "Utility per log of price over the category's usual price", unit="utility",
        low=-20.0, high=20.0, source="no source for this market", status="assumed", world=True)
    stars: float = param(
        0.14, "Utility per displayed star", unit="utility/star", low=-20.0, high=20.0,
        source="elasticity of sales to mean stars .42-.69 (You et al. 2015, Floyd et al. 2014), at "
        "4.2 stars .10-.16 per star",
        status="published", world=True)
    count: float = param(
        0.10, "Utility per log(1 + number of reviews)", unit="utility", low=-20.0, high=20.0,
        source="order: volume elasticity .24 (You et al. 2015)", status="published", world=True)
    low_stars: float = param(
        -0.8, "Utility of a page whose recent reviews all have one or two stars",
        unit="utility", low=-20.0, high=20.0, source="sign: Chevalier & Mayzlin 2006",
        status="assumed", world=True)
    store: float = param(
        1.0, "Utility per unit share of positive feedback of the store", unit="utility",
        low=-20.0, high=20.0, source="sign: Resnick et al. 2006", status="assumed", world=True)


class Choice(Frozen):
    """What every shopper weighs in the same way."""

    segments: tuple[Segment, ...] = Field(
        (Segment(share=0.5), Segment(share=0.3, price=-2.5, stars=0.10),
         Segment(share=0.2, price=-0.8, stars=0.22, count=0.15, low_stars=-1.2, store=1.5)),
        description="Latent classes of shoppers", min_length=1, max_length=16)
    first_reviews: float = param(
        1.05, "Utility of having reviews at all, reached by 1 - exp(-n / first_reviews_scale)",
        unit="utility", low=0.0, high=10.0, source="5 reviews against none: x 3.7 (Spiegel 2017)",
        status="calibrated", world=True)
    first_reviews_scale: float = param(
        2.0, "Number of reviews at which 63 % of that is reached", unit="reviews", low=0.1,
        high=1000.0, source="nearly all within the first 10, most by 5 (Spiegel 2017)",
        status="published",
        world=True)
    taste: float = param(
        0.8, "Half-width of a shopper's own liking of a listing", unit="utility", low=0.0,
        high=10.0, source="no source", status="assumed", world=True)
    own_experience: float = param(
        0.4, "Utility per felt star above 3 of a store bought from before", unit="utility/star",
        low=0.0, high=10.0, source="no source", status="assumed", world=True)
    memory_half_life_days: float = param(
        120.0, "Half-life of own experience", unit="days", low=1.0, high=1e5, source="no source",
        status="assumed", world=True)
    buy_nothing: float = param(
        2.92, "Utility of leaving without buying", unit="utility", low=-50.0, high=50.0,
        source="12 orders from 25 trips a year in the shipped market", status="calibrated",
        world=True)


class Shopping(Frozen):
    """Buyers and their trips."""

    count: int = param(
        5000, "Buyers", unit="users", low=1, high=100_000_000, source="design", status="design",
        world=True)
    trips_per_year: float = param(
        25.0, "Mean shopping trips of a buyer", unit="1/year", low=0.0, high=1000.0,
        source="design of the shipped markets", status="design", world=True)
    trips_shape: float = param(
        2.0, "Shape of the gamma distribution of trip rates, so that purchases are negative "
        "binomial", unit="-", low=0.1, high=1000.0, source="NBD purchase models; value assumed",
        status="assumed", world=True)
    season_sd: float = param(
        0.16, "Standard deviation of the log of a week's trips, for all users alike", unit="-",
        low=0.0, high=2.0, source="weekly orders about their trend, Olist, Brazil 2016-18",
        status="published", plausible=(0.12, 0.20), world=True)
    fashion_sd: float = param(
        0.3, "The same of a category's weight among them", unit="-", low=0.0, high=2.0,
        source="no source", status="assumed", plausible=(0.0, 0.6), world=True)
    bought_before: float = param(
        1.0, "Share who bought something on the platform before day 1", unit="p", **Share,
        source="design", status="design", world=True)
    spend_elsewhere: float = param(
        400.0, "Median money that a user, buying here or not, spends in 12 months with other "
        "sellers of the platform; counts only where reviews need spending", unit="USD/year",
        low=0.0, high=1e6, source="no source", status="assumed", plausible=(100.0, 1500.0),
        world=True)
    spend_elsewhere_sd: float = param(
        1.2, "Standard deviation of its log over users", unit="-", low=0.0, high=5.0,
        source="no source", status="assumed", plausible=(0.8, 1.6), world=True)


class Browsing(Frozen):
    """Non-buying users: they browse like shoppers, never buy here, and may review."""

    count: int = param(
        1000, "Non-buying users", unit="users", low=0, high=100_000_000, source="design",
        status="design", world=True)
    trips_per_year: float = param(
        25.0, "Mean browsing trips", unit="1/year", low=0.0, high=1000.0, source="as buyers",
        status="design", world=True)
    bought_before: float = param(
        0.8, "Share with a purchase elsewhere on the platform", unit="p", **Share,
        source="no source", status="assumed", world=True)


class Judging(Frozen):
    """From what happened to satisfaction."""

    cuts: Latent = param(
        (-3.0, -2.1, -1.2, 0.0), "Latent satisfaction between private stars 1|2, 2|3, 3|4, 4|5",
        unit="latent", source="shape of product reviews when the choice to post is undone",
        status="calibrated", world=True)
    service: float = param(
        2.43, "Latent satisfaction with an order on time and intact", unit="latent", low=-20.0,
        high=20.0, source="share of negative feedback 2-6 %", status="calibrated", world=True)
    lateness: tuple[tuple[Weight, Weight], ...] = param(
        ((0.0, 0.0), (1.0, 0.6), (2.0, 1.58), (5.5, 3.49), (10.5, 3.80), (15.0, 3.95)),
        "(days late, latent satisfaction lost), linear between and flat after", unit="days, "
        "latent", source=f"log odds of negative feedback by lateness as in {OLIST}",
        status="calibrated", world=True, min_length=1, max_length=16)
    patience_days: float = param(
        1.0, "Median days past the promise after which a waiting customer judges", unit="days",
        low=0.0, high=365.0, source=f"most late orders are judged before arrival; {OLIST}",
        status="calibrated", world=True)
    patience_sd: float = param(
        0.6, "Standard deviation of the log of patience", unit="-", low=0.0, high=5.0,
        source="as patience", status="calibrated", world=True)
    waiting_days: float = param(
        15.0, "Days that a customer adds who judges before anything has been sent, at least those "
        "after which lateness no longer grows: nothing is worse", unit="days",
        low=0.0, high=365.0, source="no source",
        status="assumed", world=True)
    damaged: float = param(
        3.6, "Latent satisfaction lost by a damaged item", unit="latent", low=0.0, high=20.0,
        source="taken as a week's lateness", status="assumed", world=True)
    wrong_item: float = param(
        3.6, "... by a wrong item", unit="latent", low=0.0, high=20.0,
        source="taken as a week's lateness", status="assumed", world=True)
    cancelled: float = param(
        3.0, "... by a cancelled order", unit="latent", low=0.0, high=20.0,
        source="no source", status="assumed", world=True)
    quality: float = param(
        5.0, "Latent product satisfaction per unit of quality above 0.6", unit="latent",
        low=0.0, high=50.0, source="product ICC of stars .12-.17 (Amazon ratings to 2014)",
        status="calibrated", world=True)
    product: float = param(
        -0.29, "Latent product satisfaction at quality 0.6", unit="latent", low=-20.0, high=20.0,
        source="mean of reviews 4.1-4.3", status="calibrated", world=True)
    taste: float = param(
        0.8, "Half-width of the taste match between customer and listing", unit="latent",
        low=0.0, high=10.0, source="no source", status="assumed", world=True)
    taste_known: float = param(
        0.5, "How far a customer knows that match before buying: its correlation with the liking "
        "that helps to choose", unit="-", **Share,
        source="sign: Li & Hitt 2008, early buyers are those who like it most; value assumed",
        status="assumed", plausible=(0.0, 0.9), world=True)
    disappointment: float = param(
        0.3, "Share of the gap between what stars and description promised and what came that "
        "is felt", unit="share", low=0.0, high=5.0, source="Li & Hitt 2008 for the sign",
        status="assumed", world=True)
    expected_per_star: float = param(
        1.0, "Latent satisfaction expected per displayed star above 4.2", unit="latent/star",
        low=0.0, high=10.0, source="no source", status="assumed", world=True)
    blames_store: float = param(
        0.14, "Share of customers whose feedback counts the product against the store",
        unit="p", **Share, source=f"2:1 of service to product in negatives; {OLIST}",
        status="calibrated", world=True)

    @field_validator("cuts")
    @classmethod
    def _cuts_rise(cls, cuts: Latent) -> Latent:
        if any(a >= b for a, b in pairwise(cuts)):
            raise ValueError(f"found {list(cuts)}; allowed: four numbers, each above the last")
        return cuts

    @field_validator("lateness")
    @classmethod
    def _days_rise(
        cls, lateness: tuple[tuple[float, float], ...]
    ) -> tuple[tuple[float, float], ...]:
        days = [day for day, _ in lateness]
        if any(a >= b for a, b in pairwise(days)):
            raise ValueError(f"found days late {days}; allowed: each above the last")
        return lateness


class Speaking(Frozen):
    """Whether, when and with how many stars people speak."""

    report_curve: FiveWeights = param(
        (3.5, 1.5, 0.6, 1.0, 2.0), "Propensity to post by felt stars 1..5, times the base rate",
        unit="x", source="U shape: Hu, Pavlou & Zhang 2009; that of one star from the shares of "
        "stars, the others assumed", status="assumed", world=True)
    everyone_posts: bool = param(
        False, "Switch the choice to post off: every order is reviewed and fed back, at once a "
        "look at the silent majority", unit="yes/no", source="model switch", status="design",
        world=True)
    voice_sd: float = param(
        0.8, "Standard deviation of the log of a user's propensity to post", unit="-", low=0.0,
        high=3.0, source="68 % of reviewers wrote once (2006 crawl): heavy tail; value assumed",
        status="assumed", world=True)
    leniency_sd: float = param(
        0.4, "Standard deviation of a user's leniency", unit="latent", low=0.0, high=10.0,
        source="no source", status="assumed", world=True)
    noise: float = param(
        0.3, "Scale of the noise between felt and said", unit="latent", low=0.0, high=10.0,
        source="no source", status="assumed", world=True)
    herding: float = param(
        0.12, "How far displayed opinion pulls what is said (mean over users)", unit="share",
        **Share, source="sign: Moe & Trusov 2011, Salganik et al. 2006; value assumed",
        status="assumed", world=True)
    nearby: float = param(
        0.5, "Of the pull on what a reviewer says, the share that comes from the two newest "
        "standing reviews on the page rather than from the displayed stars", unit="share", **Share,
        source="Han & Anderson (TripAdvisor): the first one or two displayed reviews matter; "
        "value assumed", status="assumed", plausible=(0.0, 1.0), world=True)
    latent_per_star: float = param(
        1.0, "Latent distance that one star of displayed opinion stands for", unit="latent",
        low=0.0, high=10.0, source="mean distance of cuts", status="calibrated", world=True)
    feedback_delay_days: float = param(
        2.1, "Median days from judging to feedback", unit="days", low=0.0, high=365.0,
        source=f"delivery to answer, commented orders; {OLIST}", status="published", world=True)
    feedback_delay_sd: float = param(
        0.85, "Standard deviation of its log", unit="-", low=0.0, high=5.0,
        source=f"quantiles .5 and .9; {OLIST}", status="published", world=True)
    review_delay_days: float = param(
        7.0, "Median days from delivery to a review", unit="days", low=0.0, high=365.0,
        source="feedback comes before the review (practitioners); value assumed",
        status="assumed", world=True)
    review_delay_sd: float = param(
        1.0, "Standard deviation of its log", unit="-", low=0.0, high=5.0, source="no source",
        status="assumed", world=True)
    unbought_bias: float = param(
        0.80, "Latent opinion of those who did not buy, against what they know of the product",
        unit="latent", low=-20.0, high=20.0, source="their reviews some .2 stars below those of "
        "customers, with twice the 1-star share (Anderson & Simester 2014)", status="calibrated",
        world=True)
    unbought_spread: float = param(
        1.3, "Scale of their noise (customers: 1)", unit="latent", low=0.0, high=10.0,
        source="no source", status="assumed", world=True)


class Complaining(Frozen):
    """An unhappy customer first asks the seller."""

    complain: FiveChances = param(
        (0.5, 0.3, 0.05, 0.0, 0.0), "Chance to complain by felt stars 1..5", unit="p",
        source="no source", status="assumed", world=True)
    delay_days: float = param(
        1.0, "Median days from judging to the complaint", unit="days", low=0.0, high=60.0,
        source="no source", status="assumed", world=True)
    claim: FiveChances = param(
        (0.12, 0.05, 0.0, 0.0, 0.0), "Chance that an unanswered complaint becomes a claim",
        unit="p", source="claims are some .7 of negative feedback in Amazon's health report "
        "sample", status="calibrated", world=True)
    claim_if_refused: float = param(
        0.6, "The same after an answer that did not satisfy, as a share of it", unit="share",
        **Share, source="no source", status="assumed", world=True)
    returns: FiveChances = param(
        (0.45, 0.25, 0.05, 0.005, 0.0), "Chance to return the item by felt product stars",
        unit="p", source="no source", status="assumed", world=True)
    tone_settles: float = param(
        0.45, "Chance that a kind answer alone settles a complaint at once (tone 1, no delay)",
        unit="p", **Share, source="apology: 45 % withdrew (Abeler et al. 2010)",
        status="published", world=True)
    refund_settles: float = param(
        0.75, "Chance that a full refund settles what is left", unit="p", **Share,
        source="no source", status="assumed", world=True)
    recovery: float = param(
        2.5, "Latent satisfaction given back when a complaint is settled", unit="latent",
        low=0.0, high=20.0, source="no source", status="assumed", world=True)


class Responding(Frozen):
    """What a seller's messages do to customers; nearly all of it is assumed."""

    thank_posting: float = param(
        1.0, "Thanks multiply the propensity to review of a customer with nothing particular to "
        "say; that is a report curve of 1, and others gain as much", unit="x", low=0.5, high=2.0,
        source=PROMPTS, status="assumed", plausible=(0.9, 1.3), world=True)
    thank_return: float = param(
        0.0, "Chance that thanks bring the store back to mind as if it had served today", unit="p",
        **Share, source="no source", status="assumed", plausible=(0.0, 0.05), world=True)
    ask_review: float = param(
        2.0, "A request multiplies the propensity to review of a customer with nothing "
        "particular to say; that is a report curve of 1, and others gain as much", unit="x",
        low=1.0, high=10.0, source=PROMPTS, status="assumed", plausible=(1.2, 5.0), world=True)
    ask_feedback: float = param(
        1.6, "A request multiplies the propensity to leave feedback of a customer with nothing "
        "particular to say; that is a report curve of 1, and others gain as much", unit="x",
        low=1.0, high=10.0, source=PROMPTS, status="assumed", plausible=(1.0, 3.0), world=True)
    reward: float = param(
        3.0, "The promise of a reward without end multiplies the propensity to review of a "
        "customer with nothing particular to say; that is a report curve of 1, and others gain as "
        "much", unit="x", low=1.0, high=20.0, source="sign: Burtch et al. 2018, money raises the "
        "number of reviews; no source for the size", status="assumed", plausible=(1.5, 8.0),
        world=True)
    reward_scale: float = param(
        5.0, "A reward of so many USD reaches 63 % of what one without end would do, one three "
        "times as large 95 %", unit="USD", low=0.01, high=1000.0, source="a small rebate hardly "
        "raises the number of feedbacks (Cabral & Li 2015); no source for the size",
        status="assumed", plausible=(1.0, 20.0), world=True)
    reward_kindness: float = param(
        0.5, "Latent units by which a customer who was promised a reward without end says it more "
        "kindly", unit="latent", low=0.0, high=10.0, source="sign: Cabral & Li 2015, a rebate cuts "
        "negatives where delivery is slow; no source for the size", status="assumed",
        plausible=(0.0, 1.5), world=True)
    further_message: float = param(
        0.5, "Each message about the order before this one multiplies its effect", unit="x",
        **Share, source="no source", status="assumed", plausible=(0.2, 1.0), world=True)
    reply_softens: float = param(
        0.2, "A public reply takes this share of a low review's weight on shoppers off it",
        unit="share", **Share, source="sign: Proserpio & Zervas 2017 (hotels); no source for the "
        "size", status="assumed", plausible=(0.0, 0.5), world=True)
    follow_up_softens: float = param(
        0.5, "A follow-up of an author who was won over takes this share of a low rating's weight "
        "on shoppers off it", unit="share", **Share, source="no source", status="assumed",
        plausible=(0.2, 0.8), world=True)
    opt_out: float = param(
        0.005, "Chance per message that the customer takes no more of them", unit="p", **Share,
        source="no source", status="assumed", plausible=(0.0, 0.02), world=True)


class Reconsidering(Frozen):
    """What a seller's message about a post does."""

    apology: float = param(
        0.45, "Chance that an apology at once leads to a change or deletion", unit="p", **Share,
        source="Abeler et al. 2010: nearly 45 %", status="published", plausible=(0.20, 0.55),
        world=True)
    money: float = param(
        0.21, "The same for the whole price given back without an apology; parts of it count as "
        "parts", unit="p", **Share, source="Abeler et al. 2010: 21 % for 2.5 or 5 EUR",
        status="published", plausible=(0.10, 0.30), world=True)
    ask_change: float = param(
        0.10, "The same for a request to change the post, without apology or money", unit="p",
        **Share, source="no source", status="assumed", plausible=(0.02, 0.30), world=True)
    half_life_days: float = param(
        7.0, "Delay that halves the effect of an answer", unit="days", low=0.1, high=1000.0,
        source="no source", status="assumed", plausible=(2.0, 20.0), world=True)
    clumsy_share: float = param(
        0.10, "Share of messages of middling kindness that make it worse: one star lower, down to "
        "one; none at tone 1, twice as many at tone 0", unit="p",
        **Share, source="no source", status="assumed", plausible=(0.0, 0.30), world=True)
    delete_share: float = param(
        0.5, "Of those won over, the share who delete where they could also change", unit="p",
        **Share, source="no source", status="assumed", world=True)

    @model_validator(mode="after")
    def _exclusive(self) -> Reconsidering:
        if max(self.apology, self.ask_change) + self.clumsy_share > 1.0:
            raise ValueError("apology or ask_change and clumsy_share together exceed 1")
        return self
