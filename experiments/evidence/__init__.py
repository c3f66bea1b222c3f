"""Evidence: what studies and real logs found, and what the market says when it is asked the same.

``finding.py`` says what a finding is; ``stars.py``, ``speech.py``, ``demand.py``, ``dynamics.py``,
``outreach.py`` and ``logs.py`` hold them; ``markets.py`` the markets that they are looked for in,
``seen.py`` what is kept of a market; ``scorecard.py`` runs them all, ``page.py`` and ``figure.py``
show what came of it, and ``command.py`` is ``run.py validate``.
"""
