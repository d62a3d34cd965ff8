public import Amounts
public import Ledger
public import VenueKit

/// A difference between what the books say an account holds and what its venue says.
public struct Break: Hashable, Sendable {
  /// What has become of it; raw values are stored.
  public enum State: String, Hashable, Sendable, CaseIterable {
    /// Somebody should look at it.
    case open
    /// Somebody said what it is.
    case explained
    /// The two agree again.
    case closed
  }
  /// The account.
  public var account: AccountID
  /// The asset, canonical.
  public var asset: AssetID
  /// What the books say.
  public var expected: Quantity
  /// What the venue says.
  public var reported: Quantity
  /// When it was first seen.
  public var since: Instant
  /// When it was last looked at.
  public var checked: Instant
  /// What has become of it.
  public var state: State

  /// Describes a break.
  public init(
    account: AccountID, asset: AssetID, expected: Quantity, reported: Quantity, since: Instant,
    checked: Instant, state: State = .open
  ) {
    self.account = account
    self.asset = asset
    self.expected = expected
    self.reported = reported
    self.since = since
    self.checked = checked
    self.state = state
  }

  /// What the venue says more than the books; `nil` beyond the range of exact numbers.
  public var difference: Quantity? { try? reported.subtracting(expected) }

  /// How long it has been there, in seconds.
  public var age: Int64 { Span(from: since, to: checked).seconds }
}

/// Compares an account's books with the balances its venue reports.
///
/// Both sides are of one moment: what the books learned of a later time is taken back first.
/// Nothing is compared that cannot be: a view with parts missing, books that are not read past the
/// balances, a moment at which something happened. Not comparing changes no break.
public struct RollForward: Sendable {
  /// How close to the balances nothing may have happened, in seconds: a venue's answer takes its
  /// time.
  public static let settling: Int64 = 10

  /// An entry of the account that happened lately.
  public struct RecentEntry: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// What it moved.
    public var legs: [Leg]

    /// Describes an entry.
    public init(time: Instant, legs: [Leg]) {
      self.time = time
      self.legs = legs
    }
  }

  /// Why there was no comparison.
  public enum Obstacle: String, Hashable, Sendable, CaseIterable {
    /// Not all parts of the account told their balances.
    case partialView = "partial-view"
    /// History is not read up to the balances.
    case historyBehind = "history-behind"
    /// Something happened so close to the balances that they may count it or not.
    case tooClose = "too-close"
    /// A sum is beyond the range of exact numbers.
    case tooLarge = "too-large"
  }

  /// What a comparison found.
  public enum Outcome: Hashable, Sendable {
    /// The breaks as they are now, those that were known before among them.
    case compared([Break])
    /// Nothing was compared.
    case notCompared(Obstacle)
  }

  /// What is compared.
  public struct Question: Sendable {
    /// The account.
    public var account: AccountID
    /// What the books say now, by recorded asset.
    public var holdings: [AssetID: Holding]
    /// The account's entries since `settling` seconds before `asked`; others may be among them.
    public var recent: [RecentEntry]
    /// What the venue says, all parts.
    public var balances: [Balance]
    /// When it was asked for that, the earliest part.
    public var asked: Instant
    /// Whether all parts are there.
    public var isComplete: Bool
    /// Up to when history was read.
    public var historyTo: Instant?
    /// Breaks known before.
    public var known: [Break]

    /// Gathers what is compared.
    public init(
      account: AccountID, holdings: [AssetID: Holding], recent: [RecentEntry], balances: [Balance],
      asked: Instant, isComplete: Bool, historyTo: Instant?, known: [Break] = []
    ) {
      self.account = account
      self.holdings = holdings
      self.recent = recent
      self.balances = balances
      self.asked = asked
      self.isComplete = isComplete
      self.historyTo = historyTo
      self.known = known
    }
  }

  private let venue: String
  private let aliases: [String: String]
  private let links: AssetLinks
  private let dust: [AssetID: Quantity]

  /// Makes a comparison for accounts at a venue.
  ///
  /// - Parameters:
  ///   - venue: The venue.
  ///   - links: Which recorded assets are one.
  ///   - dust: How much of a canonical asset may differ; nothing where it does not say.
  public init(venue: Venue, links: AssetLinks = AssetLinks(), dust: [AssetID: Quantity] = [:]) {
    self.venue = venue.id
    self.aliases = venue.aliases
    self.links = links
    self.dust = dust
  }

  /// Compares.
  ///
  /// - Parameters:
  ///   - question: The two sides.
  ///   - now: What time it is.
  /// - Returns: The breaks, or why there is no comparison.
  public func compare(_ question: Question, at now: Instant) -> Outcome {
    guard question.isComplete else { return .notCompared(.partialView) }
    let after = question.asked.advanced(bySeconds: RollForward.settling)
    let before = question.asked.advanced(bySeconds: -RollForward.settling)
    guard let historyTo = question.historyTo, historyTo >= after else {
      return .notCompared(.historyBehind)
    }
    guard !question.recent.contains(where: { before <= $0.time && $0.time <= after }) else {
      return .notCompared(.tooClose)
    }
    do throws(ArithmeticFault) {
      let sides = try sides(of: question)
      return .compared(breaks(sides, question, now))
    } catch {
      return .notCompared(.tooLarge)
    }
  }

  private struct Sides {
    var free = Quantity.zero
    var all = Quantity.zero
    var reported = Quantity.zero
  }

  private func sides(
    of question: Question
  ) throws(ArithmeticFault) -> [AssetID: Sides] {
    var sides: [AssetID: Sides] = [:]
    for (asset, holding) in try holdingsThen(question) {
      let canonical = links.canonical(asset)
      var side = sides[canonical] ?? Sides()
      side.free = try side.free.adding(holding.free)
      side.all = try side.all.adding(holding.total())
      sides[canonical] = side
    }
    for (asset, quantity) in try reported(question.balances) {
      sides[links.canonical(asset), default: Sides()].reported = quantity
    }
    return sides
  }

  /// What balances come to: all parts together, by canonical asset, without the profit of positions
  /// that are open.
  ///
  /// - Parameter balances: What the venue said.
  /// - Returns: How much of each asset there is.
  /// - Throws: Where a sum is beyond the range of exact numbers.
  public func reported(
    _ balances: [Balance]
  ) throws(ArithmeticFault) -> [AssetID: Quantity] {
    var sums: [AssetID: Quantity] = [:]
    for balance in balances {
      guard let total = balance.total ?? balance.free else { continue }
      let recorded = AssetID.venue(venue: venue, code: Venue.recorded(balance.asset, aliases))
      let canonical = links.canonical(recorded)
      let booked = try balance.openProfit.map { profit throws(ArithmeticFault) in
        try total.subtracting(profit)
      }
      sums[canonical] = try (sums[canonical] ?? .zero).adding(Quantity(booked ?? total))
    }
    return sums
  }

  /// What the books say of the time the balances are of.
  private func holdingsThen(
    _ question: Question
  ) throws(ArithmeticFault) -> [AssetID: Holding] {
    var holdings = question.holdings
    for entry in question.recent where entry.time > question.asked {
      for leg in entry.legs where leg.account == question.account {
        var holding = holdings[leg.asset] ?? Holding()
        holding.free = try holding.free.subtracting(leg.quantity)
        if leg.counter == .staked { holding.staked = try holding.staked.adding(leg.quantity) }
        holdings[leg.asset] = holding
      }
    }
    return holdings
  }

  private func breaks(
    _ sides: [AssetID: Sides], _ question: Question, _ now: Instant
  ) -> [Break] {
    var known: [AssetID: Break] = [:]
    for one in question.known where one.account == question.account { known[one.asset] = one }
    let tellsProducts = question.balances.contains { $0.part == .staking || $0.part == .earn }
    var breaks: [Break] = []
    for asset in Set(sides.keys).union(known.keys).sorted() {
      let side = sides[asset] ?? Sides()
      let expected = tellsProducts ? side.all : side.free
      // Some venues count what is staked among spot balances, others leave it out.
      let isEqual = isEqual(side.all, side, asset) || isEqual(expected, side, asset)
      guard var one = known[asset] else {
        guard !isEqual else { continue }
        breaks.append(
          Break(
            account: question.account, asset: asset, expected: expected, reported: side.reported,
            since: question.asked, checked: now))
        continue
      }
      let before = one.difference
      one.expected = expected
      one.reported = side.reported
      one.checked = now
      if isEqual {
        one.state = .closed
      } else if one.state == .closed {
        one.state = .open
        one.since = question.asked
      } else if one.state == .explained, one.difference != before {
        one.state = .open
      }
      breaks.append(one)
    }
    return breaks
  }

  private func isEqual(_ expected: Quantity, _ side: Sides, _ asset: AssetID) -> Bool {
    guard let difference = try? side.reported.subtracting(expected),
      let size = try? difference.magnitude()
    else { return false }
    return size <= (dust[asset] ?? .zero)
  }
}
