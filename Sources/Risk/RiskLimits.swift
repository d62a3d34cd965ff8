import Statistics

/// What a portfolio's owner does not want exceeded, as shares of its value.
public struct RiskLimits: Hashable, Sendable {
  /// What is limited.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The normal value at risk of a day at 99%.
    case valueAtRisk = "var99"
    /// The historical shortfall of a day at 99%.
    case shortfall = "es99"
    /// The share of any one asset.
    case asset
    /// The share that any one venue holds.
    case venue
    /// The share that hangs on any one issuer.
    case issuer
    /// The share on any one chain.
    case chain
    /// The sum of squared shares.
    case concentration = "hhi"
  }

  /// The limits, above 0 and up to 10, by what they are of.
  public private(set) var limits: [Kind: Double] = [:]

  /// Starts without limits.
  public init() {}

  /// Reads `var99=0.05,asset=0.4`; `nil` for any other text.
  ///
  /// - Parameter text: Shares, also in per cent: `asset=40%`.
  public init?(_ text: some StringProtocol) {
    for part in text.split(separator: ",") {
      let words = part.split(separator: "=", maxSplits: 1)
      guard words.count == 2, let kind = Kind(rawValue: String(words[0])),
        let value = RiskLimits.share(words[1]), value > 0, value <= 10
      else { return nil }
      limits[kind] = value
    }
  }

  /// The limit of something; `nil` where there is none.
  public subscript(kind: Kind) -> Double? {
    get { limits[kind] }
    set { limits[kind] = newValue }
  }

  /// The text that `init(_:)` reads.
  public var text: String {
    limits.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue)=\($0.value)" }.joined(separator: ",")
  }

  /// A share of one: `0.4` or `40%`, with a sign; `nil` for any other text.
  public static func share(_ text: some StringProtocol) -> Double? {
    let isPercent = text.hasSuffix("%")
    let digits = isPercent ? String(text.dropLast()) : String(text)
    guard digits.utf8.count <= 24, let number = Double(digits), number.isFinite else { return nil }
    return isPercent ? number / 100 : number
  }
}

/// How a figure stands to its limit.
public struct LimitUse: Hashable, Sendable {
  /// How far it is used.
  public enum State: String, Hashable, Sendable {
    /// Below four fifths of the limit.
    case ok
    /// Four fifths or more.
    case near
    /// Above it.
    case breach
  }

  /// What is limited.
  public let kind: RiskLimits.Kind
  /// What it is of, such as the greatest venue; empty for the whole.
  public let name: String
  /// How much there is.
  public let value: Double
  /// How much there may be.
  public let limit: Double

  /// Compares.
  public init(_ kind: RiskLimits.Kind, _ name: String, value: Double, limit: Double) {
    self.kind = kind
    self.name = name
    self.value = value
    self.limit = limit
  }

  /// What is left, below zero beyond the limit.
  public var room: Double { limit - value }

  /// How far it is used.
  public var state: State { value > limit ? .breach : value >= 0.8 * limit ? .near : .ok }
}
