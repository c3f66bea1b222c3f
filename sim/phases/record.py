"""Record: what stands at the end of the day goes into the daily tables."""

import numpy as np

from sim.jit import kernel
from sim.phases.common import record_row
from sim.phases.offers import record_offers


@kernel
def record(w, day):
    """Copy tonight's states and scores; flows were counted as they happened."""
    row = record_row(day)
    for k in range(w.now.n_sellers):
        w.seller_days.state[row, k] = w.sellers.state[k]
        w.seller_days.queue[row, k] = w.sellers.queue[k]
        w.seller_days.score[row, k] = w.sellers.score[k]
        w.seller_days.points[row, k] = w.sellers.points[k]
        w.seller_days.window_orders[row, k] = w.sellers.odr_orders[k]
        w.seller_days.window_defects[row, k] = w.sellers.odr_defects[k]
        w.seller_days.platform_orders[row, k] = w.sellers.platform_orders[k]
        w.seller_days.platform_defects[row, k] = w.sellers.platform_defects[k]
    for k in range(w.now.n_listings):
        w.listing_days.n_reviews[row, k] = w.listings.n_reviews[k]
        w.listing_days.tenths[row, k] = np.uint8(np.rint(10.0 * w.listings.stars[k]))
        w.listing_days.score[row, k] = w.listings.score[k]
        w.listing_days.position[row, k] = w.listings.position[k]
        w.listing_days.on_sale[row, k] = w.listings.on_sale[k]
    record_offers(w, row)
    if day < 1:  # the past shares row 0, which must not carry examinations into the next day
        w.listing_days.examined[0, :] = 0
