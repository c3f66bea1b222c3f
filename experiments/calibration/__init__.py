"""Parameters of a market fitted so that findings come out: the method of simulated moments."""
