import Amounts
public import Ledger

/// An entry before it has its identity's digest and the number of its import.
public struct EntryDraft: Hashable, Sendable {
  /// When it happened.
  public let time: Instant
  /// What it is.
  public let kind: EntryKind
  /// What it moved; at least one leg.
  public let legs: [Leg]
  /// What the file says about it.
  public let details: EntryDetails
  /// What makes it the same fact when it is read again.
  public let identity: EntryIdentity
  /// The line of the file on which its row begins.
  public let line: Int
}

/// How the accounts of a file are named.
public struct AccountNaming: Hashable, Sendable {
  /// The account of transactions whose file names none; `nil` takes the format's own.
  public var account: String?
  /// Other names for the accounts that a file names.
  public var renamed: [String: String]

  /// Makes a naming; without arguments everything keeps its name.
  public init(account: String? = nil, renamed: [String: String] = [:]) {
    self.account = account
    self.renamed = renamed
  }
}

/// Turns a file's transactions into entries, one file after another.
///
/// What a file lists on one side is not always the side it moves on. What goes into a staking or
/// savings product leaves the free holding for the product, and what comes out of it comes back,
/// whichever side the file has it on. A move within one account that tells one end only (its parts
/// are one account here) moves nothing; a transfer that tells one end only is under way to or from
/// the other.
///
/// A transaction's identity is the venue's own id where the file has one. Else it is what moved and
/// when: time, accounts, assets, quantities and the chain's hash, with a count of equal ones before
/// it. Kind, note, label and stated value are left out, since users and exporters change them
/// afterwards: the same movement under a new label is still the same fact.
///
/// The count does not depend on the order of rows: equal movements are interchangeable. It is the
/// same in an overlapping export as long as the overlap does not cut through one and the same moment.
/// Counts of the last `CountWindow.most` different movements are kept, so that memory stays small;
/// since exports are in order of time, or of account and time, equal movements stand far closer
/// together than that.
public struct EntryDrafts: Sendable {
  private let format: ImportFormat
  private let naming: AccountNaming
  private var counts = CountWindow()
  /// Slugs are asked for with every row and there are few.
  private var slugs: [String: AccountID] = [:]

  /// Starts a file.
  public init(format: ImportFormat, naming: AccountNaming = AccountNaming()) {
    self.format = format
    self.naming = naming
  }

  /// The entry of a transaction, or `nil` for one that moved nothing.
  ///
  /// - Parameters:
  ///   - transaction: The transaction, as `FileImport` gives it.
  ///   - line: The line of its row.
  /// - Returns: The draft.
  public mutating func draft(_ transaction: ImportedTransaction, line: Int) -> EntryDraft? {
    let legs = legs(of: transaction)
    guard let account = legs.first?.account else { return nil }
    let details = EntryDetails(
      reference: transaction.reference ?? "",
      transactionHash: transaction.transactionHash ?? "", note: transaction.note ?? "",
      value: transaction.value)
    let identity: EntryIdentity
    if let reference = transaction.reference, !reference.isEmpty {
      identity = .venue(account: account, kind: transaction.kind, reference: reference)
    } else {
      let canonical = EntryDrafts.movement(transaction, legs)
      identity = .content(
        account: account, canonical: canonical, occurrence: counts.count(canonical))
    }
    return EntryDraft(
      time: transaction.time, kind: transaction.kind, legs: legs, details: details,
      identity: identity, line: line)
  }

  /// The draft of a located transaction.
  public mutating func draft(_ located: LocatedTransaction) -> EntryDraft? {
    draft(located.transaction, line: located.line)
  }
}

// MARK: - Legs

extension EntryDrafts {
  private mutating func legs(of transaction: ImportedTransaction) -> [Leg] {
    let account = account(named: transaction.account)
    let target =
      transaction.toAccount.map { self.account(named: $0) } ?? account
    var legs: [Leg] = []
    let sides = EntryDrafts.movedSides(of: transaction)
    let counter = EntryDrafts.counter(of: transaction)
    append(sides.outgoing, account, counter, isIncoming: false, to: &legs)
    append(sides.incoming, target, counter, isIncoming: true, to: &legs)
    let feeCounter: Counter = transaction.kind == .marginFee ? .margin : .fees
    append(transaction.fee, account, feeCounter, isIncoming: false, to: &legs)
    return legs
  }

  /// What comes in and goes out of the holder's account, where a kind says it better than the side.
  private static func movedSides(
    of transaction: ImportedTransaction
  ) -> (incoming: AssetQuantity?, outgoing: AssetQuantity?) {
    let (incoming, outgoing) = (moved(transaction.incoming), moved(transaction.outgoing))
    switch (transaction.kind, incoming, outgoing) {
    case (.stake, let alone?, nil): return (nil, alone)
    case (.unstake, nil, let alone?): return (alone, nil)
    case (.internalTransfer, nil, _), (.internalTransfer, _, nil): return (nil, nil)
    default: return (incoming, outgoing)
    }
  }

  /// An amount that is not zero.
  private static func moved(_ amount: AssetQuantity?) -> AssetQuantity? {
    amount.flatMap { $0.quantity.isZero ? nil : $0 }
  }

  private func append(
    _ amount: AssetQuantity?, _ account: AccountID, _ counter: Counter, isIncoming: Bool,
    to legs: inout [Leg]
  ) {
    guard let amount = EntryDrafts.moved(amount) else { return }
    // Quantities are never negative here, so each has its opposite.
    guard let signed = isIncoming ? amount.quantity : try? amount.quantity.negated() else { return }
    legs.append(
      Leg(account: account, asset: asset(amount.asset), quantity: signed, counter: counter))
  }

  /// Where the other half of a transaction's sides goes.
  private static func counter(of transaction: ImportedTransaction) -> Counter {
    let isOneSided = transaction.incoming == nil || transaction.outgoing == nil
    return transaction.kind == .liquidation && isOneSided ? .margin : transaction.kind.counter
  }

  private mutating func account(named name: String?) -> AccountID {
    let name = name.map { naming.renamed[$0] ?? $0 } ?? naming.account ?? format.defaultAccount
    if let known = slugs[name] { return known }
    let made = AccountID(named: name)
    if slugs.count < 10_000 { slugs[name] = made }
    return made
  }

  private func asset(_ named: NamedAsset) -> AssetID {
    if let contract = named.contract {
      return .contract(chain: contract.chain, address: contract.address)
    }
    return .venue(venue: format.venue, code: named.code)
  }

  /// What moved and when, in bytes.
  private static func movement(_ transaction: ImportedTransaction, _ legs: [Leg]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(160)
    append(transaction.time.microseconds, to: &bytes)
    append(transaction.transactionHash ?? "", to: &bytes)
    for leg in legs {
      append(leg.account.slug, to: &bytes)
      append(leg.asset.text, to: &bytes)
      append(leg.quantity.fixed.units, to: &bytes)
    }
    return bytes
  }

  /// A whole number of fixed width, highest byte first.
  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  /// A part with its length before it, so that no two lists of parts have the same bytes.
  private static func append(_ part: String, to bytes: inout [UInt8]) {
    append(UInt32(truncatingIfNeeded: part.utf8.count), to: &bytes)
    bytes.append(contentsOf: part.utf8)
  }
}
