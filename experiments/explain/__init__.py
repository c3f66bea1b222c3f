"""Why a position or an order defect rate changed between two evenings of a run.

``places`` and ``rates`` take the change apart, so that the parts add up exactly; ``evenings`` reads
what they need of a market that is lived again; ``because`` finds the events behind the largest
part; ``of_places`` and ``of_rates`` say it in words and tables, ``figures`` draws it.
"""
