"""What service and quality cost a seller (assumed shapes: convex in what is avoided)."""

from sim.jit import kernel


@kernel
def service_cost_usd(on_time, damaged, punctuality, intactness):
    """Cost per order of being punctual and careful, USD; convex in lateness and damage avoided.

    Zero at half the orders late and a tenth damaged.
    """
    late = max(1.0 - on_time, 1e-4)
    broken = max(damaged, 1e-4)
    return punctuality * max(0.0, 0.5 / late - 1.0) + intactness * max(0.0, 0.1 / broken - 1.0)


@kernel
def unit_cost_usd(price, quality, unit_share, quality_share):
    """Cost of one unit, USD; convex in quality."""
    return price * (unit_share + quality_share * quality * quality)
