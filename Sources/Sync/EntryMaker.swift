import Amounts
public import Ledger
public import VenueKit

/// Why a row cannot be booked; it is kept as it came.
public struct RowRefusal: Error, Hashable, Sendable {
  /// The reason; raw values are stored.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// It is not what the venue's documents say.
    case malformed
    /// It does not say whether it bought or sold.
    case unknownSide = "unknown-side"
    /// It names a market that the venue does not list.
    case unknownMarket = "unknown-market"
    /// The venue's word for what it is says nothing to us.
    case unknownKind = "unknown-kind"
    /// The venue's word for how far it is says nothing to us.
    case unknownStatus = "unknown-status"
    /// It has no time.
    case noTime = "no-time"
    /// An amount has the wrong sign.
    case unclearDirection = "unclear-direction"
    /// An exchange with one side only.
    case oneSided = "one-sided"
    /// An asset's code is empty or too long.
    case badAsset = "bad-asset"
    /// An amount is beyond the range of exact numbers.
    case tooLarge = "too-large"
    /// More lines than an entry has legs.
    case tooManyLegs = "too-many-legs"
  }
  /// The reason.
  public var reason: Reason
  /// The offending text, cut to 80 characters.
  public var text: String

  /// Describes a refusal.
  public init(_ reason: Reason, _ text: String = "") {
    self.reason = reason
    self.text = String(text.prefix(80))
  }
}

/// Turns a venue's rows into entries with legs.
///
/// Assets are recorded as the venue's own code after its aliases were undone, as imports do, so
/// that both mean the same asset. Every part of an account is one account here.
///
/// Identity: the venue's id of the row, by kind. A fill is known by its id and market, since
/// several venues count ids per market: `id BASE-QUOTE`, codes in order of alphabet. Where ids are
/// unique in the account (a feed of all markets at a venue of `accountWideIDs`, or any id that is
/// not a number) the id stands alone. Both forms are those of our imports of the same venues. Facts
/// come from the request feeds alone; a stream's fill, which may carry another id, is never booked.
public struct EntryMaker: Sendable {
  /// The account.
  public let account: AccountID
  private let venue: String
  private let aliases: [String: String]
  private let markets: MarketTable
  private let knownCodes: Set<String>

  /// Venues whose numeric ids of executions are unique over all markets.
  ///
  /// Bitfinex calls it the trade's database id
  /// (https://docs.bitfinex.com/v1/reference/ws-public-trades); Bitstamp lists trades of all
  /// markets, deposits and withdrawals in one table with one id
  /// (https://www.bitstamp.net/api/#tag/Transactions-private).
  static let accountWideIDs: Set<String> = ["bitfinex", "bitstamp"]

  /// Makes entries of one account at a venue.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - venue: Where it is.
  ///   - markets: Its markets, as far as they are known.
  ///   - knownCodes: Codes of assets that are known to be at the venue, beside those of markets.
  public init(
    account: AccountID, venue: Venue, markets: MarketTable, knownCodes: Set<String> = []
  ) {
    self.account = account
    self.venue = venue.id
    self.aliases = venue.aliases
    self.markets = markets
    self.knownCodes = knownCodes
  }

  /// The asset a code of the venue is recorded as.
  ///
  /// - Parameter code: The venue's code.
  /// - Returns: The asset.
  /// - Throws: `badAsset` for a code that has no lasting name.
  public func asset(_ code: String) throws(RowRefusal) -> AssetID {
    let common = Venue.recorded(code, aliases)
    guard !common.isEmpty, common.utf8.count <= AssetID.longestPart, !common.utf8.contains(0)
    else { throw RowRefusal(.badAsset, code) }
    return .venue(venue: venue, code: common)
  }

  // MARK: - Fills

  /// The entry of one of our executions; `nil` for one that moved nothing.
  ///
  /// A fill of a derivative moves no base: what it realised and its fees only.
  /// - Parameters:
  ///   - fill: The execution.
  ///   - raw: Its row as JSON.
  /// - Returns: The entry.
  /// - Throws: `RowRefusal`.
  public func entry(of fill: Fill, raw: String = "") throws(RowRefusal) -> SyncEntry? {
    let codes = try codes(of: fill)
    var legs = LegList(self)
    var kind = EntryKind.trade
    if let codes, !isDerivative(fill) {
      guard let side = fill.side else { throw RowRefusal(.unknownSide, fill.id) }
      guard !fill.amount.isNegative, !fill.price.isNegative else {
        throw RowRefusal(.unclearDirection, fill.amount.text)
      }
      let cost = try cost(of: fill)
      try legs.add(codes.base, fill.amount, .conversion, isOut: side == .sell)
      try legs.add(codes.quote, cost, .conversion, isOut: side == .buy)
    } else if let realised = fill.realised, !realised.amount.isZero {
      kind = realised.amount.isNegative ? .marginLoss : .marginGain
      try legs.add(realised.asset, realised.amount, .margin)
    } else {
      kind = .marginFee
    }
    for fee in fill.fees {
      try legs.add(fee.asset, fee.amount, kind == .marginFee ? .margin : .fees, isOut: true)
    }
    let reference = reference(of: fill, codes)
    return try legs.entry(time: fill.time, kind: kind, reference: reference, raw: raw)
  }

  private func isDerivative(_ fill: Fill) -> Bool {
    switch fill.part {
    case .swap, .inverse, .future, .option: return true
    default: break
    }
    guard let market = markets.market(fill.market, .spot) else { return false }
    return market.kind != .spot
  }

  private func codes(of fill: Fill) throws(RowRefusal) -> (base: String, quote: String)? {
    if isDerivative(fill) {
      return markets.market(fill.market).map { ($0.base, $0.quote) }
    }
    if let market = markets.market(fill.market, .spot) { return (market.base, market.quote) }
    // A market the venue no longer lists: its name is only trusted where it is two known codes.
    let parts = fill.market.split(whereSeparator: { "-/_".contains($0) }).map { String($0) }
    guard parts.count == 2, knownCodes.isSuperset(of: parts) else {
      throw RowRefusal(.unknownMarket, fill.market)
    }
    return (parts[0], parts[1])
  }

  private func cost(of fill: Fill) throws(RowRefusal) -> Fixed {
    do throws(ArithmeticFault) {
      if let cost = fill.cost { return try cost.magnitude() }
      return try fill.price.multiplied(by: fill.amount, rounding: .halfEven)
    } catch {
      throw RowRefusal(.tooLarge, fill.amount.text)
    }
  }

  /// The id by the rule of the type's own words; empty for none.
  func reference(of fill: Fill, _ codes: (base: String, quote: String)?) -> String {
    let isNumber = fill.id.utf8.allSatisfy { (48...57).contains($0) }
    guard isNumber, !fill.id.isEmpty, !EntryMaker.accountWideIDs.contains(venue) else {
      return fill.id
    }
    guard let codes, !isDerivative(fill) else { return "\(fill.id) \(fill.market)" }
    let common = [codes.base, codes.quote].map { Venue.recorded($0, aliases) }.sorted()
    return "\(fill.id) \(common.joined(separator: "-"))"
  }

  // MARK: - Transfers

  /// What became of a transfer.
  public enum TransferOutcome: Hashable, Sendable {
    /// It is booked.
    case entry(SyncEntry)
    /// It is under way and has to be looked at again.
    case pending(since: Instant)
    /// It did not happen, or moved nothing.
    case nothing
  }

  /// The entry of a deposit or withdrawal that is done.
  ///
  /// A fee inside the amount is taken out of it. A fee beside it leaves the account on top of a
  /// withdrawal; of a deposit it was kept back before, so that the amount is what arrived.
  /// - Parameters:
  ///   - transfer: The transfer.
  ///   - raw: Its row as JSON.
  /// - Returns: The entry, or that there is none yet or never.
  /// - Throws: `RowRefusal`.
  public func entry(of transfer: Transfer, raw: String = "") throws(RowRefusal) -> TransferOutcome {
    switch transfer.status {
    case .pending: return transfer.time.map { .pending(since: $0) } ?? .nothing
    case .failed, .canceled: return .nothing
    case nil: throw RowRefusal(.unknownStatus, transfer.id ?? "")
    case .ok: break
    }
    guard let time = transfer.time else { throw RowRefusal(.noTime, transfer.id ?? "") }
    var legs = LegList(self)
    let isOut = transfer.direction == .withdrawal
    do throws(ArithmeticFault) {
      let amount = try transfer.amount.magnitude()
      let fee = try transfer.fee?.amount.magnitude() ?? .zero
      let isSame = transfer.fee.map { $0.asset == transfer.asset } ?? false
      var moved = amount
      if isSame, transfer.isFeeInside == isOut {
        // Out with the fee inside: less went out. In with the fee beside it: more was sent.
        moved = isOut ? try amount.subtracting(fee) : try amount.adding(fee)
      }
      try legs.add(exactly: transfer.asset, moved, .outside, isOut: isOut)
      if let code = transfer.fee?.asset {
        try legs.add(exactly: code, fee, .fees, isOut: true)
      }
    } catch {
      throw RowRefusal(.tooLarge, transfer.amount.text)
    }
    if let refusal = legs.refusal { throw refusal }
    let hash = transfer.transactionHash ?? ""
    let entry = try legs.entry(
      time: time, kind: isOut ? .withdrawal : .deposit,
      reference: EntryMaker.first(transfer.id, hash), hash: hash, raw: raw)
    return entry.map { .entry($0) } ?? .nothing
  }

  private static func first(_ id: String?, _ other: String) -> String {
    guard let id, !id.isEmpty else { return other }
    return id
  }
}

/// The legs of an entry in the making.
struct LegList {
  private let maker: EntryMaker
  private(set) var legs: [Leg] = []
  /// Why a leg could not be added by `add(exactly:)`.
  private(set) var refusal: RowRefusal?

  init(_ maker: EntryMaker) {
    self.maker = maker
  }

  /// Adds a movement, or nothing where the amount is zero; `isOut` turns the amount around.
  mutating func add(
    _ code: String, _ amount: Fixed, _ counter: Counter, isOut: Bool = false
  ) throws(RowRefusal) {
    guard !amount.isZero else { return }
    let asset = try maker.asset(code)
    let signed: Fixed
    do throws(ArithmeticFault) {
      signed = isOut ? try amount.negated() : amount
    } catch {
      throw RowRefusal(.tooLarge, amount.text)
    }
    legs.append(
      Leg(account: maker.account, asset: asset, quantity: Quantity(signed), counter: counter))
  }

  /// The same where only arithmetic may throw; the refusal is kept in `refusal`.
  mutating func add(
    exactly code: String, _ amount: Fixed, _ counter: Counter, isOut: Bool
  ) throws(ArithmeticFault) {
    do throws(RowRefusal) {
      try add(code, amount, counter, isOut: isOut)
    } catch {
      refusal = refusal ?? error
    }
  }

  /// The entry; `nil` where nothing moved.
  func entry(
    time: Instant, kind: EntryKind, reference: String, hash: String = "", raw: String
  ) throws(RowRefusal) -> SyncEntry? {
    guard !legs.isEmpty else { return nil }
    guard legs.count <= Entry.mostLegs else { throw RowRefusal(.tooManyLegs, reference) }
    let details = EntryDetails(
      reference: String(reference.prefix(500)), transactionHash: String(hash.prefix(500)))
    let identity: EntryIdentity
    if reference.isEmpty {
      let canonical = Entry.canonicalBytes(
        time: time, kind: kind, legs: legs, details: EntryDetails())
      identity = .content(account: maker.account, canonical: canonical, occurrence: 0)
    } else {
      identity = .venue(account: maker.account, kind: kind, reference: reference)
    }
    return SyncEntry(
      identity: identity, time: time, kind: kind, legs: legs, details: details, raw: raw)
  }
}
