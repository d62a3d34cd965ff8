public import Ledger

/// Why there is no price of an asset, or none that is fresh.
public struct PriceAbsence: Hashable, Sendable {
  /// The kinds of reasons.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// No venue that is asked has a market of it.
    case noMarket = 0
    /// The venues that have a market of it do not answer.
    case notAnswering = 1
    /// The venues that have a market of it asked us to wait.
    case rateLimited = 2
    /// The engine is off the network.
    case offline = 3
    /// Nobody is asked for prices.
    case neverAsked = 4
    /// It is being asked for the first time.
    case waiting = 5
    /// The venues answer, and say nothing of it or nothing newer.
    case silent = 6
    /// It is quoted, in currencies of which no rate is known.
    case noRate = 7

    /// The stable text form.
    public var text: String {
      switch self {
      case .noMarket: "no-market"
      case .notAnswering: "not-answering"
      case .rateLimited: "rate-limited"
      case .offline: "offline"
      case .neverAsked: "never-asked"
      case .waiting: "waiting"
      case .silent: "silent"
      case .noRate: "no-rate"
      }
    }
  }

  /// The most venues that are named.
  public static let mostVenues = 8

  /// The kind.
  public let kind: Kind
  /// The venues it is about, in order of name.
  public let venues: [String]
  /// Until when nobody is asked, where that is known.
  public let until: Instant?

  /// Gives a reason.
  ///
  /// - Parameters:
  ///   - kind: The kind.
  ///   - venues: The venues it is about; of many the first by name are kept.
  ///   - until: Until when nobody is asked.
  public init(_ kind: Kind, venues: [String] = [], until: Instant? = nil) {
    self.kind = kind
    self.venues = Array(venues.sorted().prefix(PriceAbsence.mostVenues))
    self.until = until
  }

  /// The reason as a sentence without its end.
  public var sentence: String {
    let names = venues.joined(separator: ", ")
    switch kind {
    case .noMarket:
      return names.isEmpty ? "no market is known" : "no market at the venues asked: \(names)"
    case .notAnswering: return "not answering: \(names)"
    case .rateLimited:
      return "rate limited: \(names)" + (until.map { ", until \($0)" } ?? "")
    case .offline: return "the engine is off the network"
    case .neverAsked: return "nobody is asked for prices"
    case .waiting: return "asked for the first time"
    case .silent: return "nothing newer is told by \(names)"
    case .noRate: return "no rate to this currency is known"
    }
  }
}
