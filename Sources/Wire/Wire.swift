// What client and engine say to each other.
//
// A frame is a 32-bit big-endian length and that many bytes: one `ClientMessage` down or one
// `EngineMessage` up, each a tag byte and its fields. The first message of each side names the
// protocol version; both programs come from one build, so a difference ends the talk with a sentence.
//
// Always: every length is checked against what is there and against a bound. Never: a trap on
// outside bytes.
//
// Read in this order: `WireCodec.swift`, `Request.swift`, `Report.swift`, `LedgerPage.swift`,
// `Messages.swift`, `Frames.swift`.
