"""The audit: daily tables recomputed from the ledger and the stated rules, and nothing else.

It knows nothing of the market's code: rules come from the manifest, events from the ledger, and
what follows from both is worked out anew in SQL (``checks/``). Tables are only compared with.
"""
