// The client's side of the socket: find the engine, start it when there is none, talk to it.
//
// `EnginePlace` says where an engine of a vault listens; `EngineConnection` is one attached client.
// Both programs use it: the full-screen client and the commands.
//
// Never: a secret in an argument or in a log.
//
// Read in this order: `EnginePlace.swift`, `EngineStart.swift`, `EngineConnection.swift`.
