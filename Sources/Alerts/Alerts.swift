// Alerts: what the holder is told without asking, and how often.
//
// Rules look at named figures (`Observation`) and at findings of detectors (`Finding`). `AlertBook`
// folds them into alerts: raised once an episode, held by two levels and a time, grouped into
// incidents, snoozed, acknowledged, escalated, resolved. What follows for others is a `Notice`;
// `Outbox` keeps each until its sink has taken it, and the files of the sinks say in which form.
//
// Always: one alert an episode; what is not known is said and neither raises nor resolves; of an
// incident's notices a sink gets the earlier first. Never: a clock, a file, a secret outside the call
// that needs it, an amount in a text for outside unless its sink may have it.
// Law: a book that was written down and read back goes on as if it had not been.
//
// Read in this order: `Observation.swift`, `AlertRule.swift`, `Verdict.swift`, `Alert.swift`,
// `AlertBook.swift`, `AlertBook+Findings.swift`, `AlertBook+Holder.swift`,
// `AlertBook+Incidents.swift`, `Notice.swift`, `QuietHours.swift`, `Outbox.swift`, `Sink.swift`,
// `SinkRequest.swift`.
