// Files of other programs, understood once.
//
// A format is one Swift value in one file: how it is recognised, what zone its times are in, and a
// small decoder from rows to transactions. Reading, quoting, line numbers, detection, limits and
// reports live once, outside the formats.
//
// Always: a row gives transactions, is merged into one, is skipped with a reason, or is refused with
// its place and raw text; nothing is dropped in silence. Never: a whole file in memory, a guess at a
// time zone, a rounded number, a clock, a file handle.
//
// Read in this order: `ImportedTransaction.swift`, `Row.swift`, `RowFault.swift`,
// `ImportFormat.swift`, `Registry.swift`, then one format, for example `Formats/BittyTax.swift`; how
// cells are read: `Row+Readers.swift`, `NumberStyle.swift`, `TimePattern.swift`; the way of a file:
// `CSVReader.swift`, `Detection.swift`, `FileImport.swift`, `Decoders.swift`, `EntryDraft.swift`.
