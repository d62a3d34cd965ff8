// Front page of Simulator.
