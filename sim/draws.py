"""Keyed random numbers: every draw is a hash of (seed, replicate, purpose, birth key, slot).

There is no generator and no state, so the order in which agents act, the number of workers and
what else is drawn change nothing: the same event draws the same number in every arm. The hash is
the 64-bit finaliser of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA), applied to keys that are
themselves hashes.
"""

from __future__ import annotations

import hashlib

import numpy as np

from sim.jit import rule

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
M1 = np.uint64(0xBF58476D1CE4E5B9)
M2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S12 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(12)
_ONE = np.uint64(1)
_UNIT = 2.0**-52

_REGISTRY: dict[str, bool] = {}


def purpose(name: str, *, world: bool = False) -> int:
    """Register a purpose of draws; returns its index into ``World.streams``.

    ``world`` marks draws that build the world (qualities, rivals) rather than live in it.
    Raises ValueError when the name is taken: two decisions must never share a stream.
    """
    if name in _REGISTRY:
        raise ValueError(f"purpose {name!r} is registered twice")
    _REGISTRY[name] = world
    return len(_REGISTRY) - 1


def purposes() -> tuple[str, ...]:
    """Names of all purposes in order of registration."""
    return tuple(_REGISTRY)


# Building the world
USER_RATE = purpose("user: trip rate")
USER_SEGMENT = purpose("user: segment")
USER_LENIENCY = purpose("user: leniency")
USER_VOICE = purpose("user: voice")
USER_CONFORMITY = purpose("user: conformity")
USER_OPT_OUT = purpose("user: opt-out")
USER_BOUGHT_BEFORE = purpose("user: bought before")
USER_SPENDS = purpose("user: spends elsewhere on the platform")
SELLER_VALUES = purpose("seller: values", world=True)
LISTING_VALUES = purpose("listing: values", world=True)
LISTING_PAST = purpose("listing: past reviews", world=True)
SELLER_PAST = purpose("seller: past feedback", world=True)
# Shopping
BUYER_TRIPS = purpose("trips of a buyer on a day")
BROWSER_TRIPS = purpose("trips of a non-buying user on a day")
SEASON = purpose("week: season of all trips")
FASHION = purpose("week, category: fashion")
TRIP_CATEGORY = purpose("trip: category")
TRIP_DEPTH = purpose("trip: depth of search")
TRIP_EXPLORES = purpose("trip: explores")
TRIP_NEW_LISTING = purpose("trip, listing: race of new listings")
TRIP_PLACE = purpose("trip, listing: place in the results where none matters")
TRIP_CHOICE = purpose("trip, listing: race of choice")
TRIP_NOTHING = purpose("trip: race of buying nothing")
TRIP_LOOKS = purpose("trip: looks at other offers")
TRIP_OFFER = purpose("trip, offer: race of other offers")
TASTE_CHOICE = purpose("user, listing: taste before buying")
TASTE_PRODUCT = purpose("user, listing: taste after buying")
# Orders
PROMISE = purpose("order: promise")
DISTANCE = purpose("order: distance")
HANDLING = purpose("order: handling")
TRANSIT = purpose("order: transit")
CANCELLED = purpose("order: cancelled by the seller")
DAMAGED = purpose("order: damaged")
WRONG_ITEM = purpose("order: wrong item")
TRACKED = purpose("order: its tracking number works")
PATIENCE = purpose("order: patience past the promise")
SERVICE_NOISE = purpose("order: noise of service satisfaction")
PRODUCT_NOISE = purpose("order: noise of product satisfaction")
BLAMES_STORE = purpose("order: counts the product against the store")
COMPLAINS = purpose("order: complains")
COMPLAINT_DELAY = purpose("order: delay of the complaint")
SETTLES = purpose("order: is satisfied by the answer")
CLAIMS = purpose("order: claims")
CHARGEBACK = purpose("order: goes to the card issuer")
RETURNS = purpose("order: returns")
FEEDBACK_POSTED = purpose("order: leaves feedback")
FEEDBACK_DELAY = purpose("order: delay of feedback")
FEEDBACK_NOISE = purpose("order: noise of feedback")
REVIEW_POSTED = purpose("order: reviews")
REVIEW_DELAY = purpose("order: delay of the review")
REVIEW_NOISE = purpose("order: noise of the review")
# Others, sellers, authors, platform
UNBOUGHT_POSTED = purpose("user, listing: reviews without buying")
UNBOUGHT_NOISE = purpose("user, listing: opinion without buying")
ANSWERS = purpose("order: seller answers the complaint")
ANSWER_DELAY = purpose("order: delay of the answer")
REVIEW_MATCHED = purpose("post: review matched to its order")
WON_OVER = purpose("contact: author is won over")
DELETES = purpose("contact: author deletes rather than changes")
PRODUCT_ONLY = purpose("post: wholly about the product")
STRUCK = purpose("post: struck through")
REMOVED_ON_REQUEST = purpose("post: struck through when the seller asks for it")
FOUND_OUT = purpose("contact: the platform finds out that it was forbidden")
BOUGHT_FOUND = purpose("bought review: is found in the end")
BOUGHT_DELAY = purpose("bought review: delay until it is found")
OWN_STRATEGY = purpose("mail: number for a strategy in Python")
PLAN_ACCEPTED = purpose("seller, attempt: plan of action accepted")
ADOPTS = purpose("seller: follows the rivals' strategy", world=True)
SELLER_RATES = purpose("seller: rates its customers", world=True)
OPTS_OUT = purpose("contact: customer wants no more messages")
REMEMBERS = purpose("contact: customer comes back to mind")
LEAVES = purpose("seller, day: leaves for reasons of its own")
RANK_TIE = purpose("listing, day: tie in rank")
FORCED_PLACE = purpose("listing, day: place forced at random")
FEATURED = purpose("offer, day: race for the featured offer")


@rule
def mix(z):
    """SplitMix64's finaliser: a bijection of 64-bit words whose output looks random."""
    z = (z ^ (z >> _S30)) * M1
    z = (z ^ (z >> _S27)) * M2
    return z ^ (z >> _S31)


@rule
def join(key, part):
    """Birth key of something born of ``key`` and a second key or a number (uint64)."""
    return mix(key + (np.uint64(part) + _ONE) * GOLDEN)


@rule
def to_unit(word):
    """Uniform on (0, 1), both ends excluded, from 64 random bits: 52 of them, so none rounds up."""
    return (np.float64(word >> _S12) + 0.5) * _UNIT


@rule
def uniform(stream, key, slot=0):
    """The draw of one purpose (its stream) for one birth key; uniform on (0, 1)."""
    return to_unit(mix((stream ^ key) + np.uint64(slot) * GOLDEN))


@rule
def logistic_noise(u):
    """Standard logistic quantile: increasing in u, so a larger u is a better draw."""
    return np.log(u / (1.0 - u))


@rule
def central_quantile(q):
    """The normal quantile of q + 0.5 where abs(q) <= 0.425 (as ``normal_quantile``)."""
    r = 0.180625 - q * q
    top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    bottom = ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0
    return q * top / bottom


@rule
def normal_quantile(u):
    """Standard normal quantile to seven digits (Wichura 1988, algorithm AS 241, PPND7)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return central_quantile(q)
    r = np.sqrt(-np.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        z = top / ((0.12021132975 * r + 0.73700164250) * r + 1.0)
    else:
        r -= 5.0
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        z = top / ((0.012258202635 * r + 0.24197894225) * r + 1.0)
    return z if q > 0.0 else -z


@rule
def normal(stream, key):
    """Standard normal draw of one purpose for one birth key; increasing in its uniform."""
    return normal_quantile(uniform(stream, key))


@rule
def normals(stream, keys, out):
    """``normal`` of many birth keys into ``out``: most at once, those in the tails one by one."""
    for i in range(keys.size):
        out[i] = central_quantile(uniform(stream, keys[i]) - 0.5)
    for i in range(keys.size):
        u = uniform(stream, keys[i])
        if abs(u - 0.5) > 0.425:
            out[i] = normal_quantile(u)


def name_key(name: str) -> np.uint64:
    """Birth key of something that has a name: a seller or a listing."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()))


@rule
def user_key(group, number):
    """Birth key of a user: (group, number in group), so that populations are nested."""
    return mix((np.uint64(group) << np.uint64(56)) + np.uint64(number) * GOLDEN + GOLDEN)


def streams(seed: int, replicate: int, world_replicate: int | None = None) -> np.ndarray:
    """Streams of all purposes (uint64, one per purpose).

    A stream depends on the purpose's *name*, so adding a purpose moves no other draw.
    ``world_replicate`` keys the purposes that build the world (default: ``replicate``).
    """
    world = replicate if world_replicate is None else world_replicate
    out = np.empty(len(_REGISTRY), np.uint64)
    for i, (name, builds_world) in enumerate(_REGISTRY.items()):
        text = f"{seed}/{world if builds_world else replicate}/{name}"
        out[i] = name_key(text)
    return out
