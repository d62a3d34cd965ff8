// The client's pure heart: what it knows, what it does with an event, and what it draws.
//
// `ClientModel` takes events with their time and answers with effects; `frame()` draws it. The
// program around it owns the terminal, the socket, the files and the clock.
//
// Always: the same events give the same frames and effects; every figure carries its state (`~`
// stale, `?` unknown, `*` partial) in the text; keys, `:` line, help and completion come from the one
// table in `Commands.swift`; rows keep their place while quotes move. Never: a clock, input or
// output, an amount on the screen in privacy mode, an amount rounded without need.
//
// Read in this order: `ClientEvent.swift`, `Commands.swift`, `ClientModel.swift` and its topics,
// `PositionBoard.swift`, `PositionList.swift`, `LedgerWindow.swift`, `Figures.swift`, `Layout.swift`,
// then what begins with `Draw`. The grammar of keys: `FuzzyMatch.swift` and `Choices.swift` (finder and
// menus), `ClientModel+Obstacles.swift` (why not), `ViewHistory.swift`, `Places.swift`, `Macros.swift`.
// Several screens at once: `Arrangement.swift`, `ClientModel+Panes.swift`. Settings: `Settings.swift`,
// `SettingTable.swift`.
