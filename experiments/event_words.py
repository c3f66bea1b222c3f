"""Events of a ledger in plain words, without their day: ``Steel pan arrived 3 days late``.

What the reader of a sentence knows anyhow is left unsaid: in the diary of a customer the customer,
in that of a listing the listing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from experiments.event_phrases import (
    CLAIMED,
    DONE,
    INTERVENED,
    REMOVED,
    SET,
    WROTE,
    counted,
    days_of,
    felt_star,
    listed_names,
    percent,
    starred,
    usd,
)
from experiments.events import Event, Events


@dataclass(frozen=True)
class Context:
    """What a sentence may draw on beside its event.

    ``cuts``: of private satisfaction, which is told only where they are given.
    ``n_buyers``: users from that number on never buy here. ``unsaid``: "user", "seller",
    "listing" or "order", where the reader knows which.
    """

    events: Events | None = None
    cuts: Sequence[float] = ()
    n_buyers: int | None = None
    unsaid: frozenset[str] = frozenset()

    def without(self, *names: str) -> Context:
        """The same, leaving these unsaid as well."""
        return replace(self, unsaid=self.unsaid | set(names))

    def user(self, event: Event) -> str:
        """``buyer 12``; somebody where nobody of this market."""
        return "somebody" if event.user is None else self.named(event.user)

    def named(self, user: int) -> str:
        """``buyer 12``, ``non-buying user 5012``."""
        buys = self.n_buyers is None or user < self.n_buyers
        return f"{'buyer' if buys else 'non-buying user'} {user}"

    def who(self, event: Event) -> str:
        """The user as the subject of a sentence, with a space after it."""
        return "" if "user" in self.unsaid else f"{self.user(event)} "

    def whom(self, event: Event, before: str = "") -> str:
        """The user as its object, with a space in front: `` to buyer 12``."""
        known = "user" in self.unsaid or event.user is None
        return "" if known else f" {before}{self.user(event)}"

    def store(self, event: Event) -> str:
        """The seller as the subject of a sentence, with a space after it."""
        return "" if "seller" in self.unsaid else f"{event.seller or 'the seller'} "

    def item(self, event: Event) -> str:
        """The listing; it, where the reader knows which."""
        return "it" if "listing" in self.unsaid else event.listing or "it"

    def post(self, event: Event) -> str:
        """``the feedback for Northwind``, ``the review of Steel pan``."""
        if event.channel == "feedback":
            return f"the feedback for {event.seller}" if event.seller else "the feedback"
        return f"the review of {self.item(event)}"


ALONE = Context()


def in_words(event: Event, context: Context = ALONE) -> str:
    """What happened, without its day."""
    teller = _TELLERS.get(event.kind)
    return teller(event, context) if teller else _plain(event)


def told(event: Event, events: Events | None = None) -> str:
    """What happened, for a reader who knows nothing yet; ``events`` for what is said of orders."""
    return in_words(event, Context(events))


def told_chain(chain: Sequence[Event], events: Events) -> Iterator[str]:
    """``day 41: buyer 12 bought …`` for each of a chain."""
    for event in chain:
        yield f"day {event.day}: {told(event, events)}"


def order_name(order: int | None) -> str:
    """``order 1477…``: its birth key, which is the same in every arm."""
    return f"order {order}" if order is not None else "an order"


def _plain(event: Event) -> str:
    about = (event.seller, event.listing)
    return ", ".join([" ".join(filter(None, (event.kind, event.what))), *filter(None, about)])


def _trip(event: Event, c: Context) -> str:
    looked, what = event.examined or (), f"{event.what} listings"
    if "listing" in c.unsaid:
        return f"{c.who(event)}looked at it, and at {len(looked) - 1} other {what}"
    names = "" if "user" in c.unsaid or not looked else f": {listed_names(looked)}"
    shown = f" of {event.shown} {what} shown" if event.shown is not None else f" {what}"
    said = f"{c.who(event)}looked at {len(looked)}{shown}{names}"
    if c.events is None or c.events.bought_on(event) is not None:
        return said
    return f"{said}{',' if names else ''} and bought nothing"


def _order(event: Event, c: Context) -> str:
    seen = "no reviews yet"
    if event.shown_stars and event.shown_count:
        seen = f"{event.shown_stars:.1f} stars of {counted(event.shown_count, 'review')}"
    said = f"{c.who(event)}bought {c.item(event)} from {event.seller} for {usd(event.value)}"
    if event.position is not None:
        said += f" ({seen}, position {event.position})"
    if event.until is not None:
        said += f", promised for day {event.until}"
    said += ", shipped by the platform" * (event.what == "by platform")
    return said if "order" in c.unsaid else f"{said} ({order_name(event.order)})"


def _dispatch(event: Event, c: Context) -> str:
    if event.what == "cancelled":
        back = f" and gave {usd(event.value)} back" if event.value else ""
        return f"{c.store(event)}cancelled the order of {c.item(event)}{back}"
    untracked = ", without tracking" if event.what == "untracked" else ""
    later = f", on its way from day {event.until}" if (event.until or 0) > event.day else ""
    return f"{c.store(event)}sent {c.item(event)}{untracked}{later}"


def _delivery(event: Event, c: Context) -> str:
    order = c.events.of_order(event.order) if c.events else None
    when = ""
    if order is not None and order.until is not None:
        late = event.day - order.until
        when = f"{days_of(abs(late))} {'late' if late > 0 else 'early'}" if late else "on time"
    if event.what == "wrong item":
        return f"something else than {c.item(event)} arrived" + f", {when}" * bool(when)
    parts = [f"arrived {when}".rstrip(), *["damaged"] * (event.what == "damaged")]
    return f"{c.item(event)} {', '.join(parts)}"


def _complaint(event: Event, c: Context) -> str:
    if event.what == "unanswered":
        of = "" if "user" in c.unsaid else f" of {c.user(event)}"
        return f"{c.store(event)}had not answered the complaint{of} in time"
    order = c.events.of_order(event.order) if c.events else None
    waiting = order is not None and event.cause_id == order.event_id
    said = f"{c.who(event)}complained to {event.seller} about {c.item(event)}"
    return said + ", still waiting" * waiting + _felt(event, c)


def _felt(event: Event, c: Context) -> str:
    """Private satisfaction as stars, marked as private; "" where it is not to be told."""
    felt = {"service": event.felt_service, "product": event.felt_product}
    said = [f"{what} {felt_star(x, c.cuts)}" for what, x in felt.items() if x is not None]
    return f" (felt, in private: {', '.join(said)})" if said and c.cuts else ""


def _claim(event: Event, c: Context) -> str:
    if event.what == "opened":
        return f"{c.who(event)}filed a claim with the platform about {c.item(event)}"
    said = CLAIMED.get(event.what or "", f"claim: {event.what}")
    back = f", {usd(event.value)} back{c.whom(event, 'to ')}" if event.value else ""
    counts = event.what in ("granted", "chargeback")
    return said + back + f", a defect of {event.seller}" * counts


def _remedy(event: Event, c: Context) -> str:
    match event.what:
        case "refund":
            return f"{c.store(event)}gave{c.whom(event)} {usd(event.value)} back"
        case "replacement":
            return f"{c.store(event)}sent {c.item(event)} again"
        case "settled":
            return f"{c.who(event)}was content with the answer of {event.seller}"
        case "forgiven":
            return f"{c.who(event)}forgave {event.seller} the delay in advance"
    return _plain(event)


def _return(event: Event, c: Context) -> str:
    back = f" and got {usd(event.value)} back" if event.value else ""
    return f"{c.who(event)}sent {c.item(event)} back{back}"


def _post(event: Event, c: Context) -> str:
    about = event.seller if event.kind == "feedback" else c.item(event)
    later = f", shown from day {event.until}" if (event.until or event.day) > event.day else ""
    if event.what == "default":
        whose = "" if "user" in c.unsaid else f" in place of {c.user(event)}, who was silent"
        return f"the platform gave {about} {starred(event.stars)}{whose}"
    if event.what == "bought":
        return f"a bought review gave {about} {starred(event.stars)}{later}"
    verb = "gave" if event.kind == "feedback" else "reviewed"
    joined = " " if event.kind == "feedback" else " with "
    said = f"{c.who(event)}{verb} {about}{joined}{starred(event.stars)}"
    scores = (("product", event.described), ("service", event.served), ("shipping", event.shipped))
    apart = ", ".join(f"{what} {stars}" for what, stars in scores if stars)
    said += f" ({apart})" if apart else ""
    return said + _why(event, c) + later + _felt(event, c)


def _why(event: Event, c: Context) -> str:
    """What a post comes of: a purchase or none, a message or none, somebody from outside."""
    if event.what == "by intervention":
        return ", by intervention"
    if event.order is None:
        never = c.n_buyers is not None and (event.user or 0) >= c.n_buyers
        return ", without having bought it" if not event.verified and not never else ""
    if event.prompted_by is None:
        return ", unasked"
    message = c.events.find(event.prompted_by) if c.events else None
    on = f" on day {message.day}" if message else ""
    return f", prompted by what {event.seller} wrote{on}"


def _change(event: Event, c: Context) -> str:
    if event.what == "by intervention":
        stars = f"from {event.stars_before} to {starred(event.stars)}"
        return f"an intervention changed {c.post(event)}{c.whom(event, 'by ')} {stars}"
    if event.what:
        return f"{c.who(event)}added {event.what} to {c.post(event)}"
    return (
        f"{c.who(event)}changed {c.post(event)} from {event.stars_before} to {starred(event.stars)}"
    )


def _deletion(event: Event, c: Context) -> str:
    stars = f" ({starred(event.stars_before)})" if event.stars_before else ""
    if event.what == "with the return":
        return f"{c.post(event)}{c.whom(event, 'by ')}{stars} went with the returned order"
    if event.what == "by intervention":
        return f"an intervention deleted {c.post(event)}{c.whom(event, 'by ')}{stars}"
    return f"{c.who(event)}deleted {c.post(event)}{stars}"


def _removal(event: Event, c: Context) -> str:
    if event.what == "wiped":
        return f"the platform removed all reviews of {c.item(event)}"
    if event.what == "default":
        return f"the platform took back the {starred(event.stars)} it had given {event.seller}"
    stars = f" ({starred(event.stars_before)})" if event.stars_before else ""
    said = REMOVED.get(event.what or "", f"removed {{}} ({event.what})")
    which = f"{c.post(event)}{c.whom(event, 'by ')}{stars}"
    return f"the platform {said.format(which)}"


def _contact(event: Event, c: Context) -> str:
    said = WROTE.get(event.what or "", f"wrote{{to}} ({event.what})")
    post = c.post(event) if event.channel else "it"
    words = {"to": c.whom(event, "to "), "whom": c.whom(event), "of": c.whom(event, "of ")}
    return f"{c.store(event)}{said.format(post=post, **words)}"


def _setting(event: Event, c: Context) -> str:
    since = f" from day {event.until} on" if event.until is not None else ""
    match event.what:
        case "price":
            item = "its price" if "listing" in c.unsaid else f"the price of {event.listing}"
            return f"{item} at {event.seller} was {usd(event.value)}{since}"
        case "relevance":
            return f"{c.item(event)} was put among the results, relevance {event.value or 0:.2f}"
        case "pause":
            return f"{c.store(event)}took everything off sale until day {event.until}"
        case "capacity":
            return f"{c.store(event)}could handle {event.value or 0:g} orders a day{since}"
    return f"{c.store(event)}{SET.get(event.what or '', f'set {event.what}')}{since}"


def _entry(event: Event, c: Context) -> str:
    if event.listing is None:
        gone = c.events.find(event.cause_id) if c.events else None
        instead = f" in place of {gone.seller}" if gone else ""
        return f"{c.store(event)}opened its store{instead}"
    if event.what == "offer":
        return f"{c.store(event)}offered {c.item(event)} for {usd(event.value)}"
    since = ""
    if event.until is not None and event.until < event.day:
        since = f", there since day {event.until}"
    return f"{c.store(event)}listed {c.item(event)} in {event.what} for {usd(event.value)}{since}"


def _exit(event: Event, c: Context) -> str:
    gone = "left the platform" if event.what == "left" else "was closed for good"
    return f"{c.store(event)}{gone}"


def _state(event: Event, _: Context) -> str:
    seen = (
        "" if event.value is None else f" (the ODR that the platform saw: {percent(event.value)})"
    )
    return f"the account of {event.seller} was {event.what} from that evening on{seen}"


def _enforcement(event: Event, c: Context) -> str:
    about = event.listing if event.listing else f"{event.seller}"
    match event.what:
        case "forbidden":
            return f"{c.store(event)}had done what the platform forbids"
        case "found out":
            return f"the platform found {event.seller} out"
        case "plan accepted" | "plan refused":
            return f"the platform {event.what.split()[1]} the plan of action of {event.seller}"
    until = f" until day {event.until}" if event.until is not None else ""
    said = DONE.get(event.what or "", f"acted on {{}} ({event.what})")
    return f"the platform {said.format(about, value=event.value or 0.0)}{until}"


def _opt_out(event: Event, c: Context) -> str:
    return f"{c.who(event)}wanted no more messages"


def _past(event: Event, c: Context) -> str:
    match event.what:
        case "bought before":
            return f"{c.who(event)}had bought on the platform before"
        case "spends elsewhere":
            return f"{c.who(event)}spent {usd(event.value)} a year elsewhere on the platform"
    about = event.listing and c.item(event)
    return f"{about or event.seller} had an older rating of {starred(event.stars)}"


def _intervention(event: Event, c: Context) -> str:
    said = INTERVENED.get(event.what or "", f"acted: {event.what}")
    at = "at another position every day"
    if event.position is not None:
        at = f"at position {event.position}"
    stars = f" ({starred(event.stars)})" if event.stars else ""
    until = f" until day {event.until}" if event.until is not None else ""
    return f"an intervention {said.format(item=c.item(event), at=at)}{stars}{until}"


_TELLERS: dict[str, Callable[[Event, Context], str]] = {
    "past": _past,
    "trip": _trip,
    "order": _order,
    "dispatch": _dispatch,
    "delivery": _delivery,
    "complaint": _complaint,
    "claim": _claim,
    "remedy": _remedy,
    "return": _return,
    "feedback": _post,
    "review": _post,
    "change": _change,
    "deletion": _deletion,
    "removal": _removal,
    "contact": _contact,
    "setting": _setting,
    "entry": _entry,
    "exit": _exit,
    "state": _state,
    "enforcement": _enforcement,
    "opt-out": _opt_out,
    "intervention": _intervention,
}
