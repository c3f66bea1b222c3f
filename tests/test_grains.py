"""One program at two grains: the whole population at once, or agent by agent, to the bit."""

from __future__ import annotations

import copy
import pickle

import mesa
import numpy as np
import pytest
from compare import (
    OWN_MIND,
    agents_in_order,
    agents_in_random_order,
    agents_in_reverse,
    assert_same,
    columns,
    compiled_day,
    differing,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markets import small_market

from sim import day as market_day
from sim.errors import Refused
from sim.model import Buyer, Marketplace, NonBuyingUser, Seller
from sim.state import CLOSED, DEACTIVATED, FEEDBACK

MESA = tuple(int(part) for part in mesa.__version__.split(".")[:2])

TALKATIVE = (
    "platform.feedback.leave_rate=0.3",
    "platform.reviews.leave_rate=0.3",
    "platform.reviews.leave_rate_unbought=0.01",
)
"""Everything that people may say is said often."""

HARSH = (
    "rivals.strategy=recover",
    "rivals.late_median=0.15",
    "rivals.exit_per_year=0.8",
    "platform.account.at_risk_days=2",
    "platform.account.plan_days=3",
    "platform.account.plan_accepted=0.3",
    "platform.account.plans_allowed=1",
    "platform.odr.min_orders=3",
    "platform.odr.min_defects=1",
    "platform.odr.lower_bound=0.0",
    "platform.odr.window_days=20",
    "platform.odr.lag_days=3",
)
"""Sellers apologise, are deactivated and closed within weeks, leave, and are replaced."""

SHORT = ("days=25", "run_out=5", "past.days=20", "buyers.count=150", "non_buying_users.count=40")


@st.composite
def markets(draw: st.DrawFn) -> tuple[str, ...]:
    """Overrides of a short small market, over everything that changes who does what."""
    choose = {
        "past.days": st.sampled_from([0, 1, 15]),
        "buyers.count": st.sampled_from([1, 90, 160]),
        "buyers.trips_per_year": st.sampled_from([20.0, 90.0, 400.0]),
        "non_buying_users.count": st.sampled_from([0, 30]),
        "sellers.0.strategy": st.sampled_from(["none", "recover"]),
        "sellers.0.capacity": st.sampled_from(["null", "1", "6"]),
        "sellers.0.on_time": st.sampled_from([0.6, 0.98]),
        "sellers.0.damaged": st.sampled_from([0.0, 0.2]),
        "rivals.strategy": st.sampled_from(["none", "recover"]),
        "rivals.load": st.sampled_from(["null", "0.5", "1.5"]),
        "speaking.everyone_posts": st.sampled_from(["true", "false"]),
        "speaking.herding": st.sampled_from([0.0, 0.5]),
        "choice.own_experience": st.sampled_from([0.0, 2.0]),
        "platform.reviews.min_purchases": st.sampled_from([0, 3]),
        "platform.feedback.change_window_days": st.sampled_from([0, 60]),
        "platform.feedback.window_days": st.sampled_from([12, 90]),
    }
    stated = tuple(f"{path}={draw(values)}" for path, values in choose.items())
    harsh = HARSH[1:] if draw(st.booleans()) else ()
    return (*SHORT, *TALKATIVE, *stated, *harsh, f"seed={draw(st.integers(0, 99))}")


def lived_so(config, live, days: int = 20, **minds) -> Marketplace:
    """A market that has lived some days in one of the ways."""
    model = Marketplace(config, **minds)
    for _ in range(days):
        live(model)
    return model


# equal grains --------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(overrides=markets())
@example(overrides=(*SHORT, *TALKATIVE, *HARSH, "speaking.everyone_posts=true"))
@example(overrides=(*SHORT, *TALKATIVE, *HARSH, "past.days=0", "sellers.0.capacity=1"))
def test_any_market_is_the_same_at_both_grains(overrides):
    config = small_market(*overrides)
    assert_same(lived_so(config, compiled_day), lived_so(config, agents_in_random_order))


def test_months_with_exits_entrants_queues_and_apologies_are_the_same_at_both_grains():
    config = small_market(
        *TALKATIVE, *HARSH, "days=60", "run_out=30", "past.days=30", "buyers.count=300",
        "complaining.claim=[0.5, 0.5, 0.0, 0.0, 0.0]",
    )  # fmt: skip
    at_once, by_agent = Marketplace(config), Marketplace(config)
    while at_once.day <= at_once.last_day:
        compiled_day(at_once)
        agents_in_random_order(by_agent)
    assert_same(at_once, by_agent)
    # and there was something to differ in
    market, states = at_once.tables()["market"], at_once.world.seller_days["state"]
    assert len(at_once.seller_names) > config.rivals.count + len(config.sellers)
    assert (states == DEACTIVATED).any() and (states == CLOSED).any()
    assert min(market[name].sum() for name in ("changes", "deletions", "struck", "claims")) > 0
    assert at_once.tables()["sellers"]["queue"].max() > 0


@pytest.mark.parametrize("live", [agents_in_order, agents_in_reverse])
def test_the_order_in_which_agents_act_changes_nothing(live):
    config = small_market(*SHORT, *TALKATIVE, *HARSH)
    assert_same(lived_so(config, compiled_day), lived_so(config, live))


def test_days_of_either_grain_may_alternate():
    config = small_market(*SHORT, *TALKATIVE, *HARSH)
    mixed = Marketplace(config)
    ways = (compiled_day, agents_in_reverse, agents_in_order, agents_in_random_order, compiled_day)
    for day in range(20):
        ways[day % len(ways)](mixed)
    assert_same(lived_so(config, compiled_day), mixed)


def test_room_made_in_advance_changes_nothing():
    """Where a table's rows lie, and when it grows, must not be felt."""
    config = small_market(*SHORT, *TALKATIVE, *HARSH, "buyers.trips_per_year=400.0")
    plain, roomy = Marketplace(config), Marketplace(config)
    for _ in range(20):
        compiled_day(plain)
        w = roomy.world
        for name in ("posts", "trips", "due_today", "drafts", "mail", "inbox", "pending"):
            array = getattr(w, name)
            w.replace(**{name: np.concatenate([array, np.zeros(777, array.dtype)])})
        compiled_day(roomy)
    assert_same(plain, roomy)


# agents with a mind of their own -------------------------------------------------------------


def obedient_kinds() -> tuple[set[str], type[Buyer], type[Seller]]:
    """Classes that override every hook and do as the rules do; and which hooks were asked."""
    asked: set[str] = set()

    class Obedient(Buyer):
        def examine(self, trip):
            asked.add("examine")
            return super().examine(trip)

        def choose(self, trip, examined):
            asked.add("choose")
            return super().choose(trip, examined)

        def judge(self, order):
            asked.add("judge")
            return super().judge(order)

        def speak(self, order):
            asked.add("speak")
            return super().speak(order)

        def stars(self, order, channel):
            asked.add("stars")
            return super().stars(order, channel)

        def reconsider(self, arrival):
            asked.add("reconsider")
            return super().reconsider(arrival)

    class Dutiful(Seller):
        def act(self):
            asked.add("act")
            super().act()

    return asked, Obedient, Dutiful


def test_overriding_every_hook_with_super_changes_nothing_where_everyone_posts():
    config = small_market(
        *TALKATIVE, "speaking.everyone_posts=true", "sellers.0.damaged=0.5", "past.days=20"
    )
    _, Obedient, _ = obedient_kinds()
    minds = {"buyers": dict.fromkeys(range(400), Obedient)}
    plain, own = lived_so(config, compiled_day), lived_so(config, compiled_day, **minds)
    assert_same(plain, own, ignore=OWN_MIND)


def test_what_is_not_on_sale_is_not_bought_even_by_a_mind_of_its_own():
    class Loyal(Buyer):
        def examine(self, trip):
            return [0]

        def choose(self, trip, examined):
            return 0

        def speak(self, order):
            return None, None

    model = Marketplace(small_market(*SHORT), buyers=dict.fromkeys(range(50), Loyal))
    model.world.sellers["state"][0], model.world.sellers["since"][0] = DEACTIVATED, model.day
    off_sale, sold = 0, 0
    while model.day <= model.last_day:
        on_sale, before = model.world.listings["on_sale"][0], model.world.count("n_orders")
        model.step()
        w = model.world
        new = w.orders["listing"][np.arange(before, w.count("n_orders")) % w.orders.size]
        off_sale += on_sale == 0
        sold += (new == 0).sum() if on_sale == 0 else 0
    assert off_sale > 0
    assert sold == 0


@pytest.mark.parametrize("live", [compiled_day, agents_in_random_order])
def test_overriding_every_hook_with_super_changes_nothing(live):
    config = small_market(*SHORT, *TALKATIVE, *HARSH, "sellers.0.strategy=recover")
    asked, Obedient, Dutiful = obedient_kinds()
    minds = {
        "buyers": dict.fromkeys(range(0, 150, 2), Obedient),
        "sellers": {"Northwind": Dutiful, "Rival 2": Dutiful},
    }
    plain, own = lived_so(config, compiled_day), lived_so(config, live, **minds)
    assert_same(plain, own, ignore=OWN_MIND)
    assert asked == {"examine", "choose", "judge", "speak", "stars", "reconsider", "act"}


class NeverBuys(Buyer):
    def choose(self, trip, examined):
        return None


class AlwaysOneStar(Buyer):
    def stars(self, order, channel):
        return 1


class NeverPosts(Buyer):
    def speak(self, order):
        return None, None


class SeesNothing(Buyer):
    def examine(self, trip):
        return ()


class NeverAnswers(Seller):
    def act(self):
        pass


def until_the_platforms_turn(model: Marketplace) -> dict[str, np.ndarray]:
    """What everyone has done today, each set in order of its keys; ends the day."""
    model.agents.do("step")
    found = {
        name: array.copy()
        for name, array in columns(model.world).items()
        if name.split(".")[0] in ("baskets", "encounters", "drafts", "outbox", "revisions")
    }
    model.platform_turn()
    by_key = {n: np.argsort(found[f"{n}.key"]) for n in ("baskets", "drafts", "outbox")}
    return {
        name: array[by_key[name.split(".")[0]]] if name.split(".")[0] in by_key else array
        for name, array in found.items()
    }


def whoever_buys_on_day_one(config) -> int:
    """A buyer with a basket on day 1 of a market without a past."""
    model = Marketplace(config)
    return int(until_the_platforms_turn(model)["baskets.user"][0])


def test_a_buyer_who_never_buys_leaves_the_others_of_that_day_as_they_were():
    config = small_market(*SHORT, "past.days=0")
    who = whoever_buys_on_day_one(config)
    plain, own = Marketplace(config), Marketplace(config, buyers={who: NeverBuys})
    before, after = until_the_platforms_turn(plain), until_the_platforms_turn(own)
    others = before["baskets.user"] != who
    assert 0 < others.sum() < others.size
    for name, column in before.items():
        if name.startswith("baskets."):
            assert np.array_equal(column[others], after[name]), name
    for name in ("encounters.user", "encounters.listing"):
        met = [acts[name][acts["encounters.user"] != who] for acts in (before, after)]
        assert np.array_equal(*met), name
    while own.day <= own.last_day:
        own.step()
        plain.step()
    assert not (own.world.orders["buyer"][: own.world.count("n_orders")] == who).any()
    assert np.array_equal(plain.tables()["market"]["trips"], own.tables()["market"]["trips"])


def test_a_buyer_who_looks_at_nothing_is_counted_nowhere():
    config = small_market(*SHORT, "past.days=0")
    model = Marketplace(config, buyers=dict.fromkeys(range(150), SeesNothing)).run()
    market, listings = model.tables()["market"], model.tables()["listings"]
    browsing = Marketplace(config)
    assert market["trips"].sum() > 0 and market["orders"].sum() == 0
    # what is left are the looks of non-buying users
    browsing.world.rate[:150] = 0.0
    browsing.run()
    assert np.array_equal(listings["examined"], browsing.tables()["listings"]["examined"])


def test_a_buyer_who_always_gives_one_star_changes_nobody_elses_words_of_that_day():
    config = small_market(*SHORT, "past.days=0", "speaking.everyone_posts=true")
    who = whoever_buys_on_day_one(config)
    plain, own = Marketplace(config), Marketplace(config, buyers={who: AlwaysOneStar})
    for _ in range(config.days):
        same_this_morning = differing(plain.world, own.world, OWN_MIND) == []
        before, after = until_the_platforms_turn(plain), until_the_platforms_turn(own)
        mine = before["drafts.author"] == who
        assert same_this_morning  # until it speaks for the first time
        for name, column in before.items():
            if name not in ("drafts.stars", "drafts.product_only"):
                assert column.tobytes() == after[name].tobytes(), name
        assert np.array_equal(before["drafts.stars"][~mine], after["drafts.stars"][~mine])
        if mine.any() and (before["drafts.stars"][mine] > 1).any():
            assert (after["drafts.stars"][mine] == 1).all()
            break
    else:
        pytest.fail("the buyer never spoke otherwise")
    own.run()
    posts = own.world.posts[: own.world.count("n_posts")]
    assert set(posts["first_stars"][(posts["author"] == who) & (posts["order"] >= 0)]) == {1}


def test_a_buyer_who_never_posts_is_read_nowhere_and_still_buys():
    config = small_market(
        *SHORT, "speaking.everyone_posts=true", "platform.reviews.leave_rate_unbought=0.0"
    )
    model = Marketplace(config, buyers=dict.fromkeys(range(50), NeverPosts)).run()
    posts = model.world.posts[: model.world.count("n_posts")]
    assert posts.size > 100 and posts["author"].min() >= 50
    assert (model.world.users["purchases"][:50] > 0).any()


def test_a_seller_who_never_answers_leaves_the_others_of_that_day_as_they_were():
    config = small_market(
        *SHORT, *TALKATIVE, "past.days=0", "sellers.0.strategy=recover", "sellers.0.damaged=0.5",
        "rivals.strategy=recover", "rivals.trouble_median=0.3",
    )  # fmt: skip
    plain = Marketplace(config)
    own = Marketplace(config, sellers={"Northwind": NeverAnswers})
    for _ in range(config.days):
        assert differing(plain.world, own.world, OWN_MIND) == []  # until it keeps silent
        before, after = until_the_platforms_turn(plain), until_the_platforms_turn(own)
        others = before["outbox.seller"] != 0
        for name in ("outbox.key", "outbox.user", "outbox.kind", "outbox.due"):
            assert np.array_equal(before[name][others], after[name]), name
        if not others.all():
            break
    else:
        pytest.fail("nobody had anything to answer")
    own.run()
    table = own.tables()["sellers"]
    contacts = table["contacts"]
    assert contacts[table["seller"] == "Northwind"].sum() == 0 < contacts.sum()


# one agent alone -----------------------------------------------------------------------------


def test_stepping_one_buyer_changes_its_own_baskets_satisfaction_or_posts_and_nobody_elses():
    config = small_market(*SHORT, *TALKATIVE, "speaking.everyone_posts=true")
    model = Marketplace(config)
    seen = {"baskets": 0, "satisfaction": 0, "drafts": 0}
    counters = ("now.", "seller_days.", "listing_days.", "market_days.", "books.", "looked.")
    for _ in range(6):
        for buyer in model.agents_by_type[Buyer]:
            w = model.world
            before = w.copy()
            posts, orders = buyer.posts.tolist(), buyer.orders
            buyer.step()
            mine = buyer.row
            for name in differing(before, w):
                if name.startswith(counters):
                    continue
                old, new = columns(before)[name], columns(w)[name]
                table = name.split(".")[0]
                if table in ("baskets", "encounters", "drafts"):
                    owner = "author" if table == "drafts" else "user"
                    added = columns(w)[f"{table}.{owner}"][len(old) :]
                    assert np.array_equal(old, new[: len(old)]) and (added == mine).all(), name
                elif table in ("orders", "due"):
                    others = columns(w)["orders.buyer"] != mine
                    assert old[others].tobytes() == new[others].tobytes(), name
                elif table == "memory":
                    others = np.arange(len(old)) != mine
                    assert old[others].tobytes() == new[others].tobytes(), name
                elif table == "mail":
                    about = columns(w)["mail.order"][len(old) :] % w.orders.size
                    assert (w.orders["buyer"][about] == mine).all(), name
                else:
                    pytest.fail(f"a buyer's step wrote {name}")
            assert buyer.posts.tolist() == posts  # posts wait for the platform's turn
            seen["baskets"] += len(buyer.baskets)
            seen["drafts"] += len(buyer.drafts)
            felt = [(orders[c], buyer.orders[c]) for c in ("service", "product")]
            seen["satisfaction"] += any(not np.array_equal(a, b, True) for a, b in felt)
        model.platform_turn()
    assert min(seen.values()) > 0, seen


def test_stepping_one_seller_adds_contacts_of_its_own_and_nothing_else():
    model = Marketplace(small_market(*SHORT, *TALKATIVE, *HARSH, "sellers.0.strategy=recover"))
    sent = 0
    for _ in range(8):
        model.begin_day()
        for seller in model.agents_by_type[Seller]:
            before = model.world.copy()
            seller.step()
            changed = differing(before, model.world)
            own = ("outbox.", "now.", "line_use.")
            assert all(name.startswith(own) for name in changed), changed
            added = columns(model.world)["outbox.seller"][before.count("n_outbox") :]
            assert (added == seller.row).all()
            sent += added.size
        for kind in (Buyer, NonBuyingUser):
            model.agents_by_type[kind].do("step")
        model.platform_turn()
    assert sent > 0


# what is refused -----------------------------------------------------------------------------


def a_market(**minds) -> Marketplace:
    return Marketplace(small_market(*SHORT, *TALKATIVE, *HARSH, "past.days=0"), **minds)


@pytest.mark.parametrize("kind", [Buyer, NonBuyingUser, Seller])
def test_nobody_acts_twice_a_day(kind):
    model = a_market()
    agent = next(iter(model.agents_by_type[kind]))
    agent.step()
    with pytest.raises(RuntimeError, match="has acted on day 1"):
        agent.step()
    model.platform_turn()
    agent.step()


def test_a_day_begun_by_agents_ends_with_the_platforms_turn():
    model = a_market()
    next(iter(model.agents_by_type[Seller])).step()
    with pytest.raises(RuntimeError, match="platform_turn"):
        model.step()
    model.platform_turn()
    assert model.day == 2


@pytest.mark.xfail(MESA >= (3, 5), reason="Mesa 3.5 forgets its steps when one of them raises")
def test_a_step_that_was_refused_can_be_taken_later():
    model = a_market()
    next(iter(model.agents_by_type[Seller])).step()
    with pytest.raises(RuntimeError):
        model.step()
    model.platform_turn()
    model.step()
    assert model.day == 3


@pytest.mark.parametrize("live", [compiled_day, agents_in_order, Marketplace.platform_turn])
def test_nobody_acts_after_the_last_day(live):
    model = a_market().run()
    before = model.world.copy()
    with pytest.raises(RuntimeError, match=f"ended after day {model.last_day}"):
        live(model)
    assert differing(before, model.world) == []


@pytest.mark.parametrize(
    ("minds", "message"),
    [
        ({"buyers": {150: NeverBuys}}, "no buyer 150; buyers are 0 to 149"),
        ({"buyers": {-1: NeverBuys}}, "no buyer -1"),
        ({"sellers": {"Nobody": NeverAnswers}}, "no seller 'Nobody'"),
        ({"buyers": {0: NeverAnswers}}, "not a subclass of Buyer"),
        ({"sellers": {"Northwind": NeverBuys}}, "not a subclass of Seller"),
        ({"buyers": {0: "NeverBuys"}}, "not a subclass of Buyer"),
    ],
)
def test_minds_are_given_to_agents_that_exist(minds, message):
    with pytest.raises(ValueError, match=message):
        a_market(**minds)


def saying(hook: str, answer):
    """A buyer whose hook answers so."""
    return type("Saying", (Buyer,), {hook: lambda self, *_: answer})


NONSENSE = [
    ("examine", range(17), "examine.* at most 16"),
    ("examine", [-1], "examine.* rows of listings"),
    ("examine", [10_000], "examine.* rows of listings"),
    ("examine", [None], "examine.* rows of listings"),
    ("choose", -1, "choose.* one of"),
    ("choose", 10_000, "choose.* one of"),
    ("choose", "Steel pan", "choose.* one of"),
    ("judge", (1.0,), "judge.* two values"),
    ("judge", (1.0, 2.0, 3.0), "judge.* two values"),
    ("judge", ("well", "badly"), "float"),
    ("speak", (0, None), "speak.* days after today"),
    ("speak", (None, -5), "speak.* days after today"),
    ("speak", (None,), "speak.* two values"),
    ("stars", 0, "stars must be"),
    ("stars", 6, "stars must be"),
    ("stars", 4.5, "stars must be"),
    ("stars", "five", "stars must be"),
    ("stars", None, "stars must be"),
    ("examine", [0, 0], "examine.* each once"),
    ("reconsider", "five", "stars"),
    ("examine", None, "examine"),
    ("judge", None, "judge.* two values"),
]


@pytest.mark.parametrize(("hook", "answer", "message"), NONSENSE, ids=repr)
def test_nonsense_from_a_hook_is_refused(hook, answer, message):
    kind = saying(hook, answer)
    with pytest.raises(ValueError, match=message):
        a_market(buyers=dict.fromkeys(range(0, 150, 3), kind)).run()


@pytest.mark.parametrize("stars", [6, -2])
def test_stars_that_there_are_not_are_refused_from_an_author_who_reconsiders(stars):
    model = a_market(buyers=dict.fromkeys(range(0, 150, 3), saying("reconsider", stars)))
    with pytest.raises(ValueError, match="stars"):
        while model.day <= model.last_day:
            model.agents.do("step")
            revised = model.world.revisions["stars"][: model.world.count("n_revisions")]
            assert set(revised) <= set(range(6))  # stop before they are counted
            model.platform_turn()


def test_a_seller_may_write_more_often_than_it_was_written_to():
    class Insistent(Seller):
        def act(self):
            w = self.world
            for mail in self.inbox:
                n = w.count("n_outbox")
                behind = np.concatenate([w.outbox[:n], np.zeros(2, w.outbox.dtype)])
                w.replace(outbox=behind[:n])  # full; what is written beyond it hurts nobody
                if w.inbox["stars"][mail] > 0:
                    self.apologise(mail)
                assert w.count("n_outbox") <= w.outbox.size

    a_market(sellers={"Northwind": Insistent, "Rival 1": Insistent}).run()


def test_changes_made_by_hand_leave_room_for_those_of_the_day():
    model = Marketplace(small_market(*SHORT, *TALKATIVE))
    author = next(b for b in model.agents_by_type[Buyer] if (b.posts["posted"] > -10).any())
    post = int(model.world.users["last_post"][author.row])
    for _ in range(model.world.revisions.size):
        author.change_post(post, 3)
    model.begin_day()
    w = model.world
    assert w.revisions.size >= w.count("n_revisions") + max(1, w.count("n_arrivals"))


def test_posting_by_hand_follows_the_platforms_rules():
    model = Marketplace(small_market(*SHORT, *TALKATIVE))
    w = model.world
    buyer = max(model.agents_by_type[Buyer], key=lambda b: len(b.orders))
    stranger = next(b for b in model.agents_by_type[Buyer] if b is not buyer)
    order = int(w.users["last_order"][buyer.row])
    while w.orders["feedback"][order % w.orders.size] >= 0 or model.day < 3 + int(
        w.orders["placed"][order % w.orders.size]
    ):
        order = int(w.orders["previous"][order % w.orders.size])
    with pytest.raises(Refused, match="only the buyer"):
        stranger.leave_feedback(order, 4)
    for stars in (0, 6, 4.5, None):
        with pytest.raises(ValueError, match="1 to 5"):
            buyer.leave_feedback(order, stars)
    buyer.leave_feedback(order, 4)
    with pytest.raises(Refused, match="already"):
        buyer.leave_feedback(order, 4)
    model.step()
    left = buyer.posts[buyer.posts["order"] == order]
    assert left["stars"][left["channel"] == FEEDBACK].tolist() == [4]


def test_a_copied_world_is_another_world():
    model = Marketplace(small_market())
    for copied in (copy.deepcopy(model.world), pickle.loads(pickle.dumps(model.world))):
        before = model.world.copy()
        assert differing(before, copied) == []
        market_day.shop_all(copied, model.day - 1)  # baskets of the trips that were listed last
        assert copied.count("n_baskets") > 0
        assert differing(before, model.world) == []
