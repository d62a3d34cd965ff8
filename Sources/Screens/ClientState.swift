internal import Canvas
internal import Ledger
internal import Wire

/// How the talk with the engine stands.
enum Connection: Equatable, Sendable {
  /// Not open yet.
  case connecting
  /// Open.
  case open
  /// Closed, for this reason.
  case lost(String)
}

/// One thing said to the user.
struct Message: Hashable, Sendable {
  /// How much it matters.
  enum Kind: Sendable {
    case info
    case success
    case warning
    case error
  }

  /// The most messages kept.
  static let limit = 500

  let time: Instant
  let kind: Kind
  let text: String
}

/// A question to the engine that is not answered yet.
struct PendingRequest: Equatable, Sendable {
  /// What becomes of the answer.
  enum Use: Equatable, Sendable {
    /// Say that it is done.
    case say(String)
    /// Show it under this title.
    case show(String)
    /// Say what was imported.
    case importing(path: String)
    /// The vault is open.
    case unlock
    /// The form learns what a key consists of.
    case keyFields
    /// Say what became of a key or a wallet, under this title.
    case following(String)
    /// What an entry was read from.
    case entry(EntryID)
    /// Lots of the position that is drilled into.
    case lots
    /// Lines of the engine's log.
    case log
    /// What was held at the end of a day.
    case past(String)
    /// Prices around an alert.
    case evidence(Int64)
    /// How two assets move together, by identity.
    case pair([String])
  }

  let use: Use
  /// Whether it can be cancelled by hand.
  var isLong = false
}

/// Something that lies over the screen; Escape takes it away.
enum Overlay: Sendable {
  /// Keys and commands of a context.
  case help(context: String)
  /// The last messages.
  case messages
  /// An answer of the engine.
  case report(title: String, Report)
  /// Where a position's figures come from; the whole portfolio's without an asset.
  case explain(AssetID?)
  /// One entry with all its legs and what it was read from.
  case entry(EntrySheet)
  /// Names and texts, one below the other.
  case details(title: String, [Detail])

  var isHelp: Bool { if case .help = self { true } else { false } }

  /// Whether it covers the whole body and not just a part of it.
  var isPage: Bool {
    switch self {
    case .help, .messages, .report: true
    case .explain, .entry, .details: false
    }
  }
}

/// A text with its name.
struct Detail: Hashable, Sendable {
  let name: String
  let text: String
  /// Whether the text may tell amounts.
  var isRevealing = false
}

/// An overlay with its place in the text.
struct OpenOverlay: Sendable {
  let overlay: Overlay
  var cursor = ListCursor()
  /// Only lines that hold this are shown.
  var search = ""
}

/// A line that is being typed.
struct Prompt: Sendable {
  /// What the line is for.
  enum Use: Equatable, Sendable {
    case command
    /// The filter of positions; what was there before comes back on cancel.
    case filter(before: String)
    /// The text looked for in the ledger.
    case ledger(before: String)
    /// The words looked for in the log.
    case log(before: String)
    /// The text looked for in an overlay.
    case search(before: String)
    /// What is to be gone to.
    case find
    /// A letter of a small list.
    case menu(Menu)
    /// A yes or no before this is done.
    case confirm(question: String, Invocation)
  }

  let use: Use
  var editor: LineEditor
  /// Words that may stand at the cursor, and the one that does.
  var candidates: [String] = []
  var chosen: Int?
  /// What is wrong with the line so far.
  var fault = ""
  /// What can be chosen with it.
  var choices: Choices?
}

/// Bytes that are typed and must not stay behind.
struct TypedSecret: Sendable {
  private(set) var bytes: [UInt8] = []
  /// The most bytes it takes.
  let limit: Int

  init(limit: Int) {
    self.limit = limit
    // Room for all of it at once, so that growing leaves no copies behind.
    bytes.reserveCapacity(limit)
  }

  /// How many characters were typed.
  var count: Int { bytes.count { $0 & 0xC0 != 0x80 } }

  /// Takes as much of a text as there is room for; false where that is not all of it.
  @discardableResult
  mutating func type(_ text: String) -> Bool {
    for byte in text.utf8 {
      guard bytes.count < limit else { return false }
      bytes.append(byte)
    }
    return true
  }

  mutating func deleteLast() {
    while let last = bytes.popLast() {
      if last & 0xC0 != 0x80 { return }
    }
  }

  /// Hands the bytes out and overwrites them here.
  mutating func surrender() -> [UInt8] {
    let secret = bytes.map { $0 }
    wipe()
    return secret
  }

  /// Overwrites what was typed.
  mutating func wipe() {
    for index in bytes.indices { bytes[index] = 0 }
    bytes.removeAll(keepingCapacity: true)
  }
}

/// The passphrase that is being typed.
struct UnlockForm: Sendable {
  /// The longest passphrase, in bytes.
  static let limit = 1_024

  private var secret = TypedSecret(limit: UnlockForm.limit)
  /// Why the last one did not open the vault.
  var fault = ""
  /// Whether the engine is trying one.
  var isTrying = false

  var bytes: [UInt8] { secret.bytes }
  /// How many characters were typed.
  var count: Int { secret.count }

  mutating func type(_ text: String) { secret.type(text) }
  mutating func deleteLast() { secret.deleteLast() }
  mutating func surrender() -> [UInt8] { secret.surrender() }
  mutating func wipe() { secret.wipe() }
}
