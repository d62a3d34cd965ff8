// What keeps accounts at venues up to date: which call comes next, what its answer means for the
// books, and what has to be written down before the next one.
//
// `SyncMachine` is the one place of state. It takes events (an answer, a failure, the store's word
// that a batch is written, time) and gives actions (send these calls, write this batch, wake me).
// Every account has lanes, one a feed and, where the venue wants it, one a market or asset. A lane
// that fails waits, pauses or stops by itself; the others go on.
//
// Always: a stretch of time counts as read only after the store confirmed what was read in it; what
// was read, what the venue no longer tells and what could not be read are three different things
// and all three can be seen; a row that is not understood is kept. Never: a clock, a generator of
// chance of its own, a balance put together from half of its parts, a fact booked from a stream.
//
// Read in this order: `Span.swift`, `LaneID.swift`, `SyncPolicy.swift`, `SyncEvent.swift`,
// `SyncAction.swift`, `SyncStatus.swift`, `LaneState.swift`, `FeedPage.swift`, `EntryMaker.swift`,
// `EntryMaker+Statement.swift`, `Booking.swift`, `RangeReading.swift`, `Lane.swift`,
// `AccountSync.swift` with its `Sending`, `Answers`, `Faults` and `Status`, `Turn.swift`,
// `SyncMachine.swift`, `RollForward.swift`.
