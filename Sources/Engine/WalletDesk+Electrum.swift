import Wallets

// The transactions of a wallet whose server speaks Electrum's language.

extension WalletDesk {
  /// The addresses whose transactions in blocks are more, or fewer, than were counted.
  private func changed(_ wallet: Wallet) -> Set<String> {
    var changed: Set<String> = []
    for (place, accounts) in wallet.found {
      guard let address = wallet.addresses[place],
        let count = accounts.lazy.compactMap(\.transactionCount).first,
        count != wallet.counts[address] ?? 0
      else { continue }
      changed.insert(address)
    }
    return changed
  }

  /// Asks for histories first, then for the transactions and blocks that they name.
  func planHistory(_ wallet: inout Wallet) throws(ChainFault) {
    let changed = changed(wallet)
    guard wallet.status.readsTransactions, !changed.isEmpty, let node = electrum(wallet) else {
      return
    }
    for (place, accounts) in wallet.found.sorted(by: { $0.key < $1.key })
    where accounts.contains(where: { $0.exists }) {
      guard let address = wallet.addresses[place], !wallet.histories.contains(address),
        let call = node.history(address)
      else { continue }
      wallet.histories.insert(address)
      wallet.waiting.append(.history(address, call))
    }
    guard wallet.waiting.isEmpty else { return }
    let own = Set(wallet.addresses.values)
    let missing = try wallet.history.missing(of: changed, own: own)
    wallet.waiting += missing.transactions.map { .raw(node.transaction($0)) }
    wallet.waiting += missing.heights.map { .time(height: $0, node.time(ofBlock: $0)) }
  }

  /// Makes what was read into transactions that can be booked.
  func takeHistory(_ wallet: inout Wallet) {
    guard wallet.server.kind == .electrum else { return }
    let own = Set(wallet.addresses.values)
    for one in wallet.history.transactions(of: changed(wallet), own: own) {
      wallet.transactions[one.id] = one
    }
  }
}
