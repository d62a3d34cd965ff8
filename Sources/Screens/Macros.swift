internal import Canvas

/// Keys that were recorded under letters.
struct Macros: Sendable {
  /// The most keys of one.
  static let keyLimit = 400
  /// The most keys that one call may press, those of the macros it calls among them.
  static let playLimit = 4_000
  /// How deep macros may call each other.
  static let depthLimit = 8

  /// What is being recorded.
  struct Recording: Sendable {
    let letter: Character
    var keys: [Key] = []
    /// How many keys were there when the last command began.
    var start = 0
  }

  /// The keys by their letters.
  var keys: [Character: [Key]] = [:]
  var recording: Recording?
  /// How deep in macros one is, and how many keys may still be pressed.
  private(set) var depth = 0
  private(set) var left = 0
  /// Why the macro has to stop; empty while it goes on.
  private(set) var stop = ""

  /// Whether keys come from a macro and not from a hand.
  var isPlaying: Bool { depth > 0 }

  /// Goes one deeper; false where that is too deep.
  mutating func begin() -> Bool {
    guard depth < Macros.depthLimit else {
      halt("macros call each other too deep")
      return false
    }
    if depth == 0 { (left, stop) = (Macros.playLimit, "") }
    depth += 1
    return true
  }

  mutating func end() { depth = max(0, depth - 1) }

  /// Whether one more key may be pressed.
  mutating func takesKey() -> Bool {
    guard stop.isEmpty else { return false }
    guard left > 0 else {
      halt("more than \(Macros.playLimit) keys")
      return false
    }
    left -= 1
    return true
  }

  /// Stops at once, for a reason; the first one counts.
  mutating func halt(_ reason: String) { if stop.isEmpty { stop = reason } }
}
