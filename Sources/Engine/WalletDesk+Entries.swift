import Amounts
import Ledger
import Sync
import Wallets

// MARK: - Entries

extension WalletDesk {
  /// The transactions in blocks, each with what it did to all of the wallet's addresses together.
  func entries(of wallet: Wallet) -> [SyncEntry] {
    let own = Set(wallet.addresses.values)
    let asset = AssetID.native(chain: wallet.server.chain)
    let familiar = wallet.familiar
    return wallet.transactions.values.sorted { ($0.time ?? 0, $0.id) < ($1.time ?? 0, $1.id) }
      .compactMap { transaction in
        guard let seconds = transaction.time, let effect = transaction.effect(own: own),
          let net = effect.net.quantity, !net.isZero
        else { return nil }
        let legs = legs(net, effect.fee?.quantity, asset, wallet.account)
        guard !legs.isEmpty else { return nil }
        let kind: EntryKind = net.isNegative ? .withdrawal : .receive
        let paid = effect.sentTo.prefix(3).joined(separator: " ")
        let notes = [paid, familiar.suspicion(of: transaction, effect) ?? ""].filter { !$0.isEmpty }
        return SyncEntry(
          identity: .venue(account: wallet.account, kind: kind, reference: transaction.id),
          time: Instant(seconds: Int64(clamping: seconds)), kind: kind, legs: legs,
          details: EntryDetails(
            reference: transaction.id, transactionHash: transaction.id,
            note: notes.joined(separator: "; ")),
          raw: "")
      }
  }

  private func legs(
    _ net: Quantity, _ fee: Quantity?, _ asset: AssetID, _ account: AccountID
  ) -> [Leg] {
    guard net.isNegative, let fee, let paid = try? net.adding(fee), let out = try? fee.negated()
    else { return [Leg(account: account, asset: asset, quantity: net, counter: .outside)] }
    var legs: [Leg] = []
    if !paid.isZero {
      legs.append(Leg(account: account, asset: asset, quantity: paid, counter: .outside))
    }
    if !out.isZero {
      legs.append(Leg(account: account, asset: asset, quantity: out, counter: .fees))
    }
    return legs
  }

  /// What the wallet's own addresses hold, each thing once.
  static func sums(of wallet: Wallet) -> [AssetID: ChainAmount] {
    var sums: [AssetID: ChainAmount] = [:]
    let receipts = wallet.book.receipts
    for accounts in wallet.found.values {
      let tally = DeFiTally.counted(accounts.flatMap(\.balances), receipts: receipts)
      for balance in tally.counted
      where balance.part != .pending && balance.part != .debt && balance.areDecimalsKnown {
        let sum = sums[balance.asset].map { $0.adding(balance.amount) ?? $0 }
        sums[balance.asset] = sum ?? balance.amount
      }
      // What a position tells is nothing here, and no longer booked here.
      for balance in tally.toldElsewhere where sums[balance.asset] == nil {
        sums[balance.asset] = .zero(decimals: balance.amount.decimals)
      }
    }
    return sums
  }

  /// What is there now, by spot; what is not told keeps the amount that was booked.
  private func amounts(
    of wallet: Wallet, _ sums: [AssetID: ChainAmount]
  ) -> [Spot: Quantity] {
    // A node of Ethereum answers for every token it is asked about, with zero where there is none;
    // other servers list what is there, and what is missing is gone.
    var amounts: [Spot: Quantity] = wallet.server.kind == .ethereum ? wallet.booked : [:]
    for (spot, quantity) in wallet.booked {
      guard let place = spot.place else { continue }
      // What a protocol that was never read has is not known to be gone.
      let isKnown = DeFiProtocol(rawValue: place.venue).flatMap { wallet.book.chapters[$0]?.readAt }
      amounts[spot] = isKnown == nil ? quantity : .zero
    }
    for (asset, sum) in sums {
      let spot = Spot(place: nil, asset: asset)
      amounts[spot] = sum.quantity ?? wallet.booked[spot]
    }
    for (place, sums) in wallet.book.amounts {
      for (asset, sum) in sums { amounts[Spot(place: place, asset: asset)] = sum }
    }
    return amounts
  }

  /// What changed since the last reading, on chains whose nodes tell balances only.
  func changes(
    of wallet: inout Wallet, _ sums: [AssetID: ChainAmount], at now: Instant
  ) -> [SyncEntry] {
    var entries: [SyncEntry] = []
    let amounts = amounts(of: wallet, sums)
    let spots = Set(amounts.keys).union(wallet.booked.keys)
    for spot in spots.sorted() {
      let before = wallet.booked[spot]
      let after = amounts[spot] ?? .zero
      guard let change = try? after.subtracting(before ?? .zero), !change.isZero,
        let entry = entry(wallet.account, spot, change, from: before, to: after, at: now)
      else { continue }
      entries.append(entry)
      wallet.booked[spot] = after
    }
    return entries
  }

  private func entry(
    _ wallet: AccountID, _ spot: Spot, _ change: Quantity, from before: Quantity?,
    to after: Quantity, at now: Instant
  ) -> SyncEntry? {
    let account = spot.place.map { AccountID($0, of: wallet) } ?? wallet
    let isDebt = spot.place?.claim == .borrowed
    let kind: EntryKind =
      isDebt
      ? change.isNegative ? .loan : .loanRepayment : change.isNegative ? .withdrawal : .receive
    var legs = [
      Leg(
        account: account, asset: spot.asset, quantity: change, counter: isDebt ? .loan : .outside)
    ]
    if spot.place != nil, !isDebt {
      // It is owned and not at hand.
      guard let away = try? change.negated() else { return nil }
      legs.append(Leg(account: account, asset: spot.asset, quantity: away, counter: .staked))
    }
    let what = spot.place == nil ? "balance" : "position"
    let note =
      before == nil
      ? "\(what) when it was first read; what led to it is not seen"
      : "change of \(what) between two readings; what it was is not seen"
    let step = "\(before?.text ?? "0") \(after.text) \(now.microseconds)"
    return SyncEntry(
      identity: .venue(
        account: account, kind: kind, reference: "\(what) \(spot.asset.text) \(step)"),
      time: now, kind: kind, legs: legs, details: EntryDetails(note: note), raw: "")
  }
}

extension WalletDesk.Spot: Comparable {
  /// The wallet itself first, then by place and asset.
  static func < (a: WalletDesk.Spot, b: WalletDesk.Spot) -> Bool {
    let (first, second) = (a.place?.description ?? "", b.place?.description ?? "")
    return first == second ? a.asset < b.asset : first < second
  }
}
