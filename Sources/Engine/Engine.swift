// The background process that owns a vault.
//
// `EngineCore` is the one inbox: events in, effects out, pure. `EngineLoop` is its edge: one thread
// in poll over the socket, the signals, the clock and the inbox. `VaultWorker` does what takes long
// on queues of its own and answers with events. Nothing else changes state.
//
// Always: one writer of the vault; a client sees a snapshot and then every change in order, or a
// snapshot again; a slow client slows nobody. Never: work on the loop's thread that can block.
//
// Read in this order: `EngineEvent.swift`, `EngineCore.swift`, `Verbs.swift`, `VaultWorker.swift`,
// `EngineLoop.swift`, `ClientSocket.swift`.
