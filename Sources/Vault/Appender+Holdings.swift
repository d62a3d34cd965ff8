import Amounts
import GRDB
import Ledger

extension Appender {
  /// Takes an account in unless it is known.
  mutating func know(_ account: Account) throws {
    guard store.state.names.number(of: account.id) == nil else { return }
    _ = try add(account)
  }

  private mutating func add(_ account: Account) throws -> Int {
    let stored = Account(
      id: account.id, name: account.name.storable, venue: account.venue.storable,
      book: BookID(account.book.name.storable))
    let number = store.state.names.add(stored)
    try db.execute(
      sql: "INSERT INTO account (id, slug, name, venue, book) VALUES (?, ?, ?, ?, ?)",
      arguments: [number, stored.id.slug, stored.name, stored.venue, stored.book.name])
    try db.execute(
      sql: "INSERT OR IGNORE INTO book (name) VALUES (?)", arguments: [stored.book.name])
    outcome.accounts.append(stored)
    return number
  }

  /// The number of an asset; `nil` for one whose text form would not read back as the same.
  private mutating func number(of asset: AssetID) throws -> Int? {
    if let known = store.state.names.number(of: asset) { return known }
    let text = asset.text
    guard AssetID(text) == asset, !text.utf8.contains(0) else { return nil }
    let number = store.state.names.add(asset)
    try db.execute(
      sql: "INSERT INTO asset (id, identity) VALUES (?, ?)", arguments: [number, text])
    return number
  }

  /// Finds the numbers of the legs' accounts and assets; false where an asset cannot be stored.
  mutating func resolve(_ entryLegs: [Leg]) throws -> Bool {
    legs.removeAll(keepingCapacity: true)
    for leg in entryLegs {
      let account =
        try store.state.names.number(of: leg.account)
        ?? add(Account(id: leg.account, name: leg.account.slug, venue: leg.account.slug))
      guard let asset = try number(of: leg.asset) else { return false }
      legs.append(
        ResolvedLeg(
          account: account, asset: asset, quantity: leg.quantity, counter: leg.counter))
    }
    return true
  }

  /// Works out what the legs change, without changing it; false where a holding would overflow.
  ///
  /// The rule is that of `Holdings.apply`, over numbers instead of names.
  mutating func folds() -> Bool {
    fold.removeAll(keepingCapacity: true)
    for leg in legs {
      let slot = HoldingSlot(account: leg.account, asset: leg.asset)
      let place = fold.firstIndex { $0.slot == slot }
      var holding = place.map { fold[$0].holding } ?? store.state.holdings[slot] ?? Holding()
      guard let free = try? holding.free.adding(leg.quantity) else { return false }
      holding.free = free
      if leg.counter == .staked {
        guard let staked = try? holding.staked.subtracting(leg.quantity) else { return false }
        holding.staked = staked
      }
      // Both parts must also add up, or the account's total could not be said.
      guard (try? holding.total()) != nil else { return false }
      if let place { fold[place].holding = holding } else { fold.append((slot, holding)) }
    }
    return true
  }
}
