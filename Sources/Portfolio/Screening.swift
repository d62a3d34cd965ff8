/// What speaks against an asset, and what is done about it.
///
/// It is advice about figures: what was recorded stays recorded, and the user's word wins.
public struct Screening: Hashable, Sendable {
  /// What is done.
  public enum Standing: UInt8, Hashable, Sendable, CaseIterable {
    /// It is shown, with the reasons.
    case doubtful = 0
    /// It is folded away and in no sum as long as nobody says what it costs.
    case folded = 1
    /// The user ignores it: it is folded away and in no sum, whatever it costs.
    case ignored = 2
  }

  /// What is done.
  public let standing: Standing
  /// Why: stable words.
  public let reasons: [String]

  /// Makes one.
  ///
  /// - Parameters:
  ///   - standing: What is done.
  ///   - reasons: Why.
  public init(_ standing: Standing, reasons: [String]) {
    self.standing = standing
    self.reasons = reasons
  }
}

extension Position {
  /// Whether it is folded away: it is in no list by default, in no sum, and makes no sum partial.
  public var isFolded: Bool {
    switch screening?.standing {
    case .ignored: true
    case .folded: value == nil
    case .doubtful, nil: false
    }
  }
}
