import Amounts
import Ledger

/// Withdrawals and deposits that are the two ends of one transaction on a chain.
///
/// One withdrawal and one deposit of an asset with the same hash, in two accounts of the holder's, are
/// a transfer: lots go along, and no money has come or gone. What does not arrive was paid on the way.
/// Where more than two entries tell of one hash nobody knows which belong together, and they stay what
/// they are.
struct TransferPairs: Sendable {
  /// What two ends have in common.
  struct Key: Hashable, Sendable {
    let hash: String
    let asset: AssetID
  }

  private var ends: [Key: [NumberedEntry]] = [:]

  /// The ends of an entry's transaction that are known, itself among them.
  ///
  /// - Parameters:
  ///   - numbered: A new entry.
  ///   - links: Which recorded assets are the same.
  /// - Returns: All of them; none for an entry that is no end of a transaction.
  mutating func take(_ numbered: NumberedEntry, _ links: AssetLinks) -> [NumberedEntry] {
    guard let key = TransferPairs.key(of: numbered.entry, links) else { return [] }
    ends[key, default: []].append(numbered)
    return ends[key] ?? []
  }

  /// Whether an entry is one end of a transaction, whose other may come.
  func isEnd(_ entry: Entry, _ links: AssetLinks) -> Bool {
    TransferPairs.key(of: entry, links) != nil
  }

  /// An entry as what it is: one end of a transfer, where the other is known.
  func read(_ entry: Entry, _ links: AssetLinks) -> Entry {
    guard let key = TransferPairs.key(of: entry, links), let both = ends[key], both.count == 2,
      let other = both.map(\.entry).first(where: { $0.id != entry.id }),
      let leg = TransferPairs.leg(of: entry), let end = TransferPairs.leg(of: other),
      leg.account != end.account, leg.quantity.isNegative != end.quantity.isNegative,
      let sent = try? (leg.quantity.isNegative ? leg : end).quantity.magnitude(),
      case let arrived = (leg.quantity.isNegative ? end : leg).quantity, !(sent < arrived),
      let lost = try? sent.subtracting(arrived), let gone = try? arrived.negated(),
      let fee = try? lost.negated()
    else { return entry }
    var legs = entry.legs.filter { $0.counter != .outside }
    let quantity = leg.quantity.isNegative ? gone : arrived
    legs.append(
      Leg(account: leg.account, asset: leg.asset, quantity: quantity, counter: .transit))
    if leg.quantity.isNegative, !fee.isZero {
      legs.append(Leg(account: leg.account, asset: leg.asset, quantity: fee, counter: .fees))
    }
    guard legs.count <= Entry.mostLegs else { return entry }
    return Entry(
      id: entry.id, time: entry.time, kind: .transfer, legs: legs, details: entry.details,
      origin: entry.origin)
  }

  private static func key(of entry: Entry, _ links: AssetLinks) -> Key? {
    let hash = entry.details.transactionHash
    guard !hash.isEmpty, [.withdrawal, .deposit, .receive].contains(entry.kind),
      let leg = leg(of: entry)
    else { return nil }
    return Key(hash: hash.lowercased(), asset: links.canonical(leg.asset))
  }

  /// The one leg that comes from outside or goes there.
  private static func leg(of entry: Entry) -> Leg? {
    let legs = entry.legs.filter { $0.counter == .outside }
    return legs.count == 1 ? legs.first : nil
  }
}
