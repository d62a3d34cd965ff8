/// Turns single keys into commands: remembers what was begun and how often it is to be done.
///
/// A digit that calls something calls it at once; nothing waits for a clock. A count is typed with
/// digits that the keymap leaves free in that context, or with Alt held (`<M-5>j`), as in readline;
/// once begun, every digit belongs to it. Escape drops what was begun.
public struct KeyReader: Sendable {
  /// The largest count; more digits change nothing.
  public static let countLimit = 9_999

  /// What a key has led to.
  public enum Outcome: Equatable, Sendable {
    /// A command, to be done `count` times when there is a count.
    case command(Invocation, count: Int?)
    /// A beginning: show the ways on after a moment.
    case pending
    /// What was begun has been dropped.
    case dropped
    /// Keys that lead to nothing; in a prompt a single one is text.
    case unbound([Key])
  }

  /// The keys pressed so far of a sequence that is not complete.
  public private(set) var keys: [Key] = []
  /// The count typed so far.
  public private(set) var count: Int?

  /// Makes a reader that has seen nothing.
  public init() {}

  /// Whether something was begun.
  public var isPending: Bool { !keys.isEmpty || count != nil }

  /// Takes one key.
  public mutating func press(_ key: Key, in context: String, of keymap: Keymap) -> Outcome {
    if isPending, key == Key(.escape) {
      drop()
      return .dropped
    }
    if keys.isEmpty, counts(key, in: context, of: keymap) { return .pending }
    keys.append(key)
    switch keymap.lookup(keys, in: context) {
    case .matched(let binding):
      defer { drop() }
      return .command(binding.command, count: count)
    case .pending: return .pending
    case .none:
      defer { drop() }
      return .unbound(keys)
    }
  }

  /// Forgets what was begun: the context has changed.
  public mutating func drop() {
    keys = []
    count = nil
  }

  /// Takes a digit of a count, if the key is one.
  private mutating func counts(_ key: Key, in context: String, of keymap: Keymap) -> Bool {
    guard let digit = key.digit, !Keymap.standsAlone(context) else { return false }
    if count == nil {
      guard digit > 0, keymap.lookup([key], in: context) == .none else { return false }
    }
    count = min((count ?? 0) * 10 + digit, KeyReader.countLimit)
    return true
  }
}
