// Simulated venues and chains behind real servers on loopback.
//
// `SimulatedWorld` holds five venues, a Bitcoin and an Ethereum node, each behind its own port, and
// knows which real host stands for which port. What they say is worked out by the pure `Simulator`;
// here are sockets, the clock and the faults that only a server can make.
//
// Never listens beyond 127.0.0.1. Never keeps more than a bounded part of what a peer sends.
//
// Read in this order: `SimulatedWorld.swift`, `VenueDesk.swift`, `VenueServer.swift`,
// `HTTPAnswering.swift`, `StreamSpeaking.swift`, `Administration.swift`.
