public import Amounts
public import Encodings
public import Ledger
import VenueKit

/// What is known of a wallet inside protocols, protocol by protocol.
///
/// A protocol that does not answer keeps what it told last, and is stale until it answers again:
/// nothing is ever taken for zero because it was not told.
public struct DeFiBook: Hashable, Sendable {
  /// One asset of one position.
  public struct Line: Hashable, Sendable {
    /// What kind of claim.
    public let claim: Claim
    /// What tells it from others of the same kind.
    public let label: String
    /// The underlying asset.
    public let asset: AssetID
    /// How much; below zero where it is owed.
    public let quantity: Quantity
    /// The token in the wallet that stands for it, if there is one.
    public let receipt: AssetID?
  }

  /// What is known of one protocol.
  public struct Chapter: Hashable, Sendable {
    /// The positions.
    public var lines: [Line] = []
    /// When they were read; `nil` before the first time.
    public var readAt: Instant?
    /// Why they were not read the last time; empty where they were.
    public var problem = ""

    /// After how many seconds without a reading positions count as stale.
    public static let freshSeconds: Int64 = 2 * 3_600

    /// Whether the positions are older than they should be.
    public func isStale(at now: Instant) -> Bool {
      guard problem.isEmpty, let readAt else { return true }
      return now > readAt.advanced(bySeconds: Chapter.freshSeconds)
    }
  }

  /// The most lines of a protocol; more are not believed.
  public static let mostLines = 10_000
  /// The longest label, and the longest word about a problem, that is kept.
  static let longestText = 200

  /// The protocols by their word.
  public private(set) var chapters: [DeFiProtocol: Chapter] = [:]

  /// Knows nothing.
  public init() {}

  /// Takes all positions of a protocol, in place of what it told before.
  public mutating func take(
    _ positions: [DeFiPosition], of venue: DeFiProtocol, at now: Instant
  ) {
    var lines: [Line] = []
    for position in positions {
      for balance in position.underlying where !balance.amount.units.isZero {
        let amount = balance.part == .debt ? balance.amount.negated : balance.amount
        guard let quantity = amount.quantity else {
          return fail(venue, "an amount of \(balance.asset.text) is beyond exact numbers")
        }
        lines.append(
          Line(
            claim: position.kind, label: String(position.label.prefix(DeFiBook.longestText)),
            asset: balance.asset, quantity: quantity, receipt: position.receipt))
      }
    }
    guard lines.count <= DeFiBook.mostLines else {
      return fail(venue, "it tells more than \(DeFiBook.mostLines) positions")
    }
    var changed = self
    changed.chapters[venue] = Chapter(lines: lines, readAt: now)
    guard changed.sums(of: venue) != nil else {
      return fail(venue, "a sum is beyond exact numbers")
    }
    self = changed
  }

  /// Takes that a protocol did not answer; what it told last stands.
  public mutating func fail(_ venue: DeFiProtocol, _ words: String) {
    let words = words.isEmpty ? "it did not answer" : words
    chapters[venue, default: Chapter()].problem = String(words.prefix(DeFiBook.longestText))
  }

  /// The tokens in the wallet that stand for positions: their worth is told by the positions.
  public var receipts: Set<AssetID> {
    Set(chapters.values.flatMap(\.lines).compactMap(\.receipt))
  }

  /// What lies at each place, by asset.
  public var amounts: [ClaimPlace: [AssetID: Quantity]] {
    var all: [ClaimPlace: [AssetID: Quantity]] = [:]
    for venue in chapters.keys {
      for (claim, sums) in sums(of: venue) ?? [:] {
        all[ClaimPlace(venue: venue.rawValue, claim: claim)] = sums
      }
    }
    return all
  }

  private func sums(of venue: DeFiProtocol) -> [Claim: [AssetID: Quantity]]? {
    var sums: [Claim: [AssetID: Quantity]] = [:]
    for line in chapters[venue]?.lines ?? [] {
      let before = sums[line.claim]?[line.asset] ?? .zero
      guard let sum = try? before.adding(line.quantity) else { return nil }
      sums[line.claim, default: [:]][line.asset] = sum
    }
    return sums
  }
}

// MARK: - As text

extension DeFiBook {
  /// As JSON, to be kept.
  public var json: JSON {
    let all = chapters.sorted { $0.key.rawValue < $1.key.rawValue }.map { venue, chapter in
      (venue.rawValue, DeFiBook.json(chapter))
    }
    return .object(JSONObject(all))
  }

  private static func json(_ chapter: Chapter) -> JSON {
    let lines = chapter.lines.map { line -> JSON in
      [
        "claim": .string(line.claim.rawValue), "label": .string(line.label),
        "asset": .string(line.asset.text), "quantity": .string(line.quantity.text),
        "receipt": line.receipt.map { .string($0.text) } ?? .null,
      ]
    }
    return [
      "read_at": chapter.readAt.map { .number(String($0.microseconds)) } ?? .null,
      "problem": .string(chapter.problem), "lines": .array(lines),
    ]
  }

  /// Reads what was kept; `nil` for anything else.
  public init?(_ json: JSON) {
    guard case .object(let object) = json else { return nil }
    for (name, value) in zip(object.names, object.values) {
      guard let venue = DeFiProtocol(rawValue: name), let chapter = DeFiBook.chapter(value) else {
        return nil
      }
      chapters[venue] = chapter
    }
  }

  private static func chapter(_ json: JSON) -> Chapter? {
    let node = Node(json)
    guard let elements = try? node["lines"].elements() else { return nil }
    let time = (try? node.optionalInteger("read_at")) ?? nil
    let problem = (try? node.optionalText("problem")) ?? nil
    var chapter = Chapter(readAt: time.map { Instant(microseconds: $0) }, problem: problem ?? "")
    for element in elements.prefix(mostLines) {
      guard let claim = (try? element.text("claim")).flatMap({ Claim(rawValue: $0) }),
        let asset = (try? element.text("asset")).flatMap({ AssetID($0) }),
        let quantity = (try? element.text("quantity")).flatMap({ try? Quantity(parsing: $0) })
      else { return nil }
      let receipt = (try? element.optionalText("receipt")) ?? nil
      chapter.lines.append(
        Line(
          claim: claim, label: (try? element.text("label")) ?? "", asset: asset,
          quantity: quantity, receipt: receipt.flatMap { AssetID($0) }))
    }
    return chapter
  }
}
