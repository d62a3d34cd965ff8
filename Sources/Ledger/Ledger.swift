// The facts: who holds what, and how it came about.
//
// An `Entry` is a recorded fact with balanced legs; it is never changed, only followed by another.
// `Holdings` is the fold of all entries. Assets are known by what they are (chain and contract, or a
// venue's own code), never by a ticker; `AssetLinks` says which recorded assets are the same thing.
//
// Always: an entry's legs balance for every asset; the same fact has the same `EntryID`; folding
// entries one by one equals rebuilding from all of them. Never: a Double, a clock, a file.
//
// Read in this order: `Instant.swift`, `AssetID.swift`, `AssetLinks.swift`, `Account.swift`,
// `EntryKind.swift`, `Leg.swift`, `Entry.swift`, `EntryIdentity.swift`, `Holdings.swift`.
