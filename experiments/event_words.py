"""Events of a ledger in plain words: ``arrived 3 days late``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from experiments.events import Event, Events

WROTE = {
    "answer": "answers the complaint",
    "apologise": "apologises",
    "thank": "thanks the customer",
    "ask_feedback": "asks the customer for feedback",
    "ask_review": "asks the customer for a review",
    "ask_both": "asks the customer for feedback and a review",
    "refund": "offers a refund",
    "replace": "offers to send the item again",
    "ask_change": "asks the author to change it",
    "reply_public": "replies in public",
    "request_removal": "asks the platform to remove it",
    "set_service": "changes its service",
    "set_price": "changes its prices",
    "pause": "takes its listings off sale",
    "reward": "promises a reward for a review",
    "buy_reviews": "buys reviews",
}
REMOVED = {
    "struck through": "is struck through by the platform",
    "folded": "is put out of sight by the platform",
    "bought, found": "is found to be bought, and removed",
    "wiped": "is removed by the platform with all others of the listing",
    "default": "is taken back by the platform",
}
MOST_LISTED = 4
CLAIMED = {
    "opened": "the customer opens a claim",
    "granted": "the claim is granted: a defect",
    "refused": "the claim is refused",
    "paid by platform": "the claim is paid by the platform, no defect",
    "chargeback": "the customer takes the money back through the bank: a defect",
}


def order_name(order: int | None) -> str:
    """``order 1477…``: its birth key, which is the same in every arm."""
    return f"order {order}" if order is not None else "an order"


def told(event: Event, events: Events | None = None) -> str:
    """What happened, without its day; ``events`` for what is said of its order."""
    teller = _TELLERS.get(event.kind)
    return teller(event, events) if teller else _plain(event)


def told_chain(chain: Sequence[Event], events: Events) -> Iterator[str]:
    """``day 41: customer 12 orders …`` for each of a chain."""
    for event in chain:
        yield f"day {event.day}: {told(event, events)}"


def _plain(event: Event) -> str:
    about = (event.seller, event.listing)
    return ", ".join([" ".join(filter(None, (event.kind, event.what))), *filter(None, about)])


def _customer(event: Event) -> str:
    return f"customer {event.user}" if event.user is not None else "somebody"


def _usd(value: float | None) -> str:
    return "an unknown sum" if value is None else f"${value:,.2f}"


def _days(n: int) -> str:
    return f"{n} day{'s' * (n != 1)}"


def _trip(event: Event, _: Events | None) -> str:
    looked = "" if not event.examined else f", looks at {_listed(event.examined)}"
    return f"{_customer(event)} searches in {event.what}{looked}"


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_LISTED:
        return f"{len(names)} listings, {names[0]} first"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _order(event: Event, _: Events | None) -> str:
    said = f"{_customer(event)} orders {event.listing} from {event.seller}"
    said += f" for {_usd(event.value)} ({order_name(event.order)})"
    return said if event.until is None else f"{said}, promised for day {event.until}"


def _dispatch(event: Event, _: Events | None) -> str:
    if event.what == "cancelled":
        back = f"; {_usd(event.value)} is given back" if event.value else ""
        return f"{event.seller or 'the seller'} cancels the order{back}"
    untracked = " without tracking" if event.what == "untracked" else ""
    return f"it is handed to the carrier{untracked}"


def _delivery(event: Event, events: Events | None) -> str:
    order = events.of_order(event.order) if events else None
    late = event.day - order.until if order and order.until is not None else None
    when = "" if late is None else f" {_days(late)} late" if late > 0 else " on time"
    broken = "" if event.what is None else f", {event.what}"
    if event.what == "wrong item":
        broken = ", and is the wrong item"
    return f"it arrives{when}{broken}"


def _complaint(event: Event, events: Events | None) -> str:
    if event.what == "unanswered":
        return f"the time for {event.seller} to answer passes"
    order = events.of_order(event.order) if events else None
    waiting = order is not None and event.cause_id == order.event_id
    return f"{_customer(event)} complains{', still waiting' if waiting else ''}"


def _claim(event: Event, _: Events | None) -> str:
    back = f"; {_usd(event.value)} is given back" if event.value else ""
    return CLAIMED.get(event.what or "", f"claim {event.what}") + back


def _remedy(event: Event, _: Events | None) -> str:
    match event.what:
        case "refund":
            return f"the customer gets {_usd(event.value)} back"
        case "replacement":
            return "the item is sent again"
        case "settled":
            return "the customer is satisfied with the answer"
        case "forgiven":
            return "the customer forgives the delay in advance"
    return _plain(event)


def _post(event: Event, _: Events | None) -> str:
    shown = event.until
    later = f", shown from day {shown}" if shown is not None and shown > event.day else ""
    if event.what == "default":
        return f"the platform rates {event.stars} stars for a silent customer"
    if event.what == "bought":
        return f"a bought {event.stars}-star review of {event.listing}{later}"
    about = event.seller if event.kind == "feedback" else event.listing
    return f"{_customer(event)} leaves a {event.stars}-star {event.kind} of {about}{later}"


def _change(event: Event, _: Events | None) -> str:
    what = event.channel or "post"
    if event.what:
        return f"{_customer(event)} adds {event.what} to the {what}"
    return f"{_customer(event)} changes the {what} from {event.stars_before} to {event.stars} stars"


def _deletion(event: Event, _: Events | None) -> str:
    stars = f"{event.stars_before}-star " if event.stars_before else ""
    if event.what == "with the return":
        return f"the {stars}{event.channel or 'post'} goes with the return"
    return f"{_customer(event)} deletes the {stars}{event.channel or 'post'}"


def _removal(event: Event, _: Events | None) -> str:
    stars = f"{event.stars_before}-star " if event.stars_before else ""
    ends = REMOVED.get(event.what or "", f"is removed: {event.what}")
    return f"the {stars}{event.channel or 'post'} {ends}"


def _contact(event: Event, _: Events | None) -> str:
    return f"{event.seller} {WROTE.get(event.what or '', f'writes: {event.what}')}"


def _setting(event: Event, _: Events | None) -> str:
    match event.what:
        case "price":
            return f"the price of {event.listing} is {_usd(event.value)} from tomorrow on"
        case "relevance":
            return f"how well {event.listing} fits what is searched for is drawn"
        case "service" | "set_service":
            return f"{event.seller} changes its service"
        case "set_price":
            return f"{event.seller} changes its prices"
        case "buy_reviews":
            return f"{event.seller} buys reviews"
        case "pause":
            return f"{event.seller} takes its listings off sale until day {event.until}"
        case "capacity":
            return f"{event.seller} can handle {event.value:g} orders a day from now on"
    return _plain(event)


def _entry(event: Event, _: Events | None) -> str:
    if event.listing is None:
        return f"{event.seller} comes to the market"
    if event.what == "offer":
        return f"{event.seller} offers {event.listing} for {_usd(event.value)}"
    return f"{event.seller} lists {event.listing} for {_usd(event.value)}"


def _exit(event: Event, _: Events | None) -> str:
    return f"{event.seller} {'leaves' if event.what == 'left' else 'is closed'}"


def _state(event: Event, _: Events | None) -> str:
    if event.what == "left":
        return f"{event.seller} gives up"
    seen = "" if event.value is None else f" (ODR seen {100 * event.value:.2f} %)"
    return f"the account of {event.seller} is {event.what} from that evening on{seen}"


DONE = {
    "at_risk": "puts {} at risk",
    "deactivate": "deactivates {}",
    "close": "closes {}",
    "points": "gives {} penalty points",
    "hide": "hides the listings of {}",
    "delist": "takes the listings of {} off sale",
    "remove": "takes {} off sale for good",
    "exposure": "changes how high {} is placed",
    "fine": "fines {}",
    "hold_payout": "holds back what {} is owed",
    "pay_refunds": "makes {} pay all refunds",
    "no_featured": "features no offer of {}",
    "policy_score": "lowers the score of conduct of {}",
    "wipe_reviews": "removes the reviews of the listings of {}",
    "block_reviews": "takes no more reviews of the listings of {}",
}


def _enforcement(event: Event, _: Events | None) -> str:
    who = event.listing or event.seller
    match event.what:
        case "forbidden":
            return f"{who} does what the platform forbids"
        case "found out":
            return f"the platform finds {who} out"
        case "plan accepted" | "plan refused":
            return f"the plan of action of {who} is {event.what.split()[1]}"
    until = f", until day {event.until}" if event.until is not None else ""
    what = DONE.get(event.what or "", f"acts on {{}}: {event.what}")
    return f"the platform {what.format(who)}{until}"


def _past(event: Event, _: Events | None) -> str:
    if event.what in ("review", "feedback"):
        return f"an older {event.stars}-star {event.what} of {event.listing or event.seller}"
    return f"{_customer(event)} {event.what}"


def _return(event: Event, _: Events | None) -> str:
    return f"{_customer(event)} sends it back; {_usd(event.value)} is given back"


def _opt_out(event: Event, _: Events | None) -> str:
    return f"{_customer(event)} takes no more messages"


def _intervention(event: Event, _: Events | None) -> str:
    return f"an intervention: {event.what}"


_TELLERS = {
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
