import Amounts
import Ledger
import Wallets

// What lies in protocols, read after the balances and of the same block.

/// One reading of the protocols.
struct PositionRound: Sendable {
  /// What was found so far.
  var found: [DeFiProtocol: [DeFiPosition]] = [:]
  /// What did not answer, and its words.
  var failed: [DeFiProtocol: String] = [:]
  /// How many questions were made of each.
  var asked: [DeFiProtocol: Int] = [:]

  /// How many questions were made.
  var questions: Int { asked.values.reduce(0, +) }
}

extension WalletDesk {
  /// Asks every protocol of the chain about every used address, when that is due or something moved.
  func planPositions(_ wallet: inout Wallet, at now: Instant) {
    guard wallet.round == nil, let block = wallet.block, !wallet.status.protocols.isEmpty,
      now >= wallet.positionsDueAt || hasMoved(wallet)
    else { return }
    wallet.round = PositionRound()
    let node = EthereumNode(chain: wallet.server.chain, url: wallet.server.url)
    let used = Set(wallet.scan.used)
    for (place, text) in wallet.addresses.sorted(by: { $0.key < $1.key })
    where used.contains(place) || !wallet.watched.isRanged {
      guard let owner = EthereumAddress.bytes(text) else { continue }
      for venue in wallet.status.protocols {
        wallet.ask(venue.plan(owner, node: node, at: block), of: venue)
      }
    }
  }

  /// Whether a balance is another than the one that was booked.
  private func hasMoved(_ wallet: Wallet) -> Bool {
    WalletDesk.sums(of: wallet).contains { asset, sum in
      let booked = wallet.booked[Spot(place: nil, asset: asset)] ?? .zero
      return sum.quantity.map { $0 != booked } ?? false
    }
  }
}

extension WalletDesk.Wallet {
  /// Asks further questions about a protocol, up to a bound.
  mutating func ask(_ calls: [ChainCall<DeFiReading>], of venue: DeFiProtocol) {
    guard !calls.isEmpty, var round, round.failed[venue] == nil else { return }
    round.asked[venue, default: 0] += calls.count
    self.round = round
    guard round.asked[venue, default: 0] <= WalletDesk.mostPositionQuestions else {
      return drop(venue, "it takes more than \(WalletDesk.mostPositionQuestions) questions")
    }
    waiting += calls.map { .position(venue, $0) }
  }

  /// Takes an answer of a protocol.
  mutating func take(_ reading: DeFiReading, of venue: DeFiProtocol) {
    guard round?.failed[venue] == nil else { return }
    round?.found[venue, default: []] += reading.positions
    ask(reading.more, of: venue)
  }

  /// Gives a protocol up for this reading: of some of its answers no sum can be made.
  mutating func drop(_ venue: DeFiProtocol, _ words: String) {
    round?.failed[venue] = words
    waiting.removeAll { question in
      if case .position(venue, _) = question { true } else { false }
    }
  }

  /// Takes what the reading found into the book; what did not answer stands as it was.
  mutating func closeRound(at now: Instant) {
    guard let round else { return }
    var book = book
    for venue in status.protocols {
      if let words = round.failed[venue] {
        book.fail(venue, words)
      } else {
        book.take(round.found[venue] ?? [], of: venue, at: now)
      }
    }
    self.book = book
    let isWhole = !book.chapters.values.contains { !$0.problem.isEmpty }
    positionsDueAt = now.advanced(
      bySeconds: isWhole ? WalletDesk.positionsPause : WalletDesk.positionsRetry)
  }
}
