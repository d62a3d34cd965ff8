import Encodings
import Ledger
import VenueKit
import Wallets

// What speaks against the tokens that wallets hold, and against those who pay to them.

extension WalletDesk {
  /// The most verdicts that are kept of one wallet.
  static let mostVerdicts = 5_000

  /// The rules, with the tokens and coins that everybody knows.
  static let screen: TokenScreen = {
    var known = KnownAssets.knownTokens.map { (ticker: $0.symbol, asset: $0.asset) }
    for chain in Set(ChainServer.all.map(\.chain)).sorted() {
      guard let ticker = KnownAssets.ticker(ofChain: chain) else { continue }
      known.append((ticker: ticker, asset: .native(chain: chain)))
    }
    return TokenScreen(known: known)
  }()

  /// Judges what a wallet's server told of; what is well known needs no judgement.
  static func judge(_ balance: ChainBalance) -> TokenScreen.Judgement? {
    guard case .contract(_, let address) = balance.asset, KnownAssets.token(balance.asset) == nil
    else { return nil }
    var symbol = balance.symbol
    if symbol == address {
      // The server told no name: of the address only what was chosen by somebody is one.
      symbol = String((address.split { $0 == ":" || $0 == "/" }.last ?? "?").prefix(64))
    }
    let decimals = balance.areDecimalsKnown ? balance.amount.decimals : 0
    let judgement = screen.judge(
      .init(asset: balance.asset, symbol: symbol, decimals: decimals))
    return judgement.reasons.isEmpty ? nil : judgement
  }

  /// What was kept of verdicts with a wallet's last batch.
  static func verdicts(in states: [String: String]) -> [AssetID: TokenScreen.Judgement] {
    guard let json = states["wallet"].flatMap({ try? JSON.reading($0) }) else { return [:] }
    var verdicts: [AssetID: TokenScreen.Judgement] = [:]
    for member in ((try? Node(json)["suspects"].optionalMembers()) ?? []).prefix(mostVerdicts) {
      let words = ((try? member.optionalElements()) ?? []).compactMap { try? $0.text() }
      guard let asset = AssetID(member.key),
        let verdict = words.first.flatMap({ TokenScreen.Verdict(rawValue: $0) })
      else { continue }
      verdicts[asset] = TokenScreen.Judgement(
        verdict: verdict, reasons: words.dropFirst().compactMap { TokenScreen.Reason(rawValue: $0) }
      )
    }
    return verdicts
  }

  /// What speaks against tokens, by all wallets together.
  var verdicts: [AssetID: TokenScreen.Judgement] {
    wallets.values.reduce(into: [:]) { $0.merge($1.verdicts) { first, _ in first } }
  }
}

extension WalletDesk.Wallet {
  /// Judges what the reading found.
  ///
  /// - Returns: Whether any verdict is another than before.
  mutating func judge() -> Bool {
    let before = verdicts
    for balance in found.values.lazy.flatMap({ $0 }).flatMap(\.balances) {
      let judgement = WalletDesk.judge(balance)
      if judgement != nil && verdicts.count >= WalletDesk.mostVerdicts { continue }
      verdicts[balance.asset] = judgement
    }
    return verdicts != before
  }

  /// The verdicts, to be kept.
  var verdictState: JSON {
    let members = verdicts.sorted { $0.key < $1.key }.map { asset, judgement in
      let words = [judgement.verdict.rawValue] + judgement.reasons.map(\.rawValue)
      return (asset.text, JSON.array(words.map { .string($0) }))
    }
    return .object(JSONObject(members))
  }
}

// MARK: - Transfers

extension WalletDesk.Wallet {
  /// The most addresses that are kept of whom a wallet paid.
  static let mostPaid = 20_000

  /// Takes in whom the transactions of a reading paid, with the time of the first.
  mutating func takePaid() {
    let own = Set(addresses.values)
    for transaction in transactions.values {
      guard let time = transaction.time, let effect = transaction.effect(own: own) else { continue }
      for address in effect.sentTo {
        if paid[address] == nil, paid.count >= Self.mostPaid { continue }
        paid[address] = min(paid[address] ?? time, time)
      }
    }
  }

  /// The wallet's own addresses and those that it paid, for looking up.
  var familiar: FamiliarAddresses {
    FamiliarAddresses(own: Set(addresses.values), paid: paid, isBitcoin: server.chain == "bitcoin")
  }

  /// Whom it paid, to be kept.
  var paidState: JSON {
    let members = paid.sorted { $0.key < $1.key }.map { ($0.key, JSON.number(String($0.value))) }
    return .object(JSONObject(members))
  }

  /// Takes back what was kept.
  mutating func restorePaid(_ node: Node) {
    for member in ((try? node.optionalMembers()) ?? []).prefix(Self.mostPaid) {
      guard let seconds = try? member.integer(), seconds >= 0 else { continue }
      paid[member.key] = UInt64(seconds)
    }
  }
}

/// Whom a wallet deals with, by what people compare of an address.
struct FamiliarAddresses {
  /// The smallest output that Bitcoin's nodes pass on to an old address, in smallest units: what
  /// tracers of wallets send, as less would never arrive.
  ///
  /// Source: GetDustThreshold in https://github.com/bitcoin/bitcoin/blob/master/src/policy/policy.cpp
  static let crumb = UInt256(546)

  private let own: Set<String>
  private let isBitcoin: Bool
  private var known: [String: [(address: String, since: UInt64)]] = [:]

  init(own: Set<String>, paid: [String: UInt64], isBitcoin: Bool) {
    self.own = own
    self.isBitcoin = isBitcoin
    for address in own { add(address, 0) }
    for (address, time) in paid { add(address, time) }
  }

  private mutating func add(_ address: String, _ time: UInt64) {
    guard let ends = TokenScreen.ends(of: address) else { return }
    known[ends, default: []].append((address, time))
  }

  /// What speaks against a transaction, in words; `nil` where nothing does.
  ///
  /// Addresses made to look like one that was paid before wait for being copied from the history.
  func suspicion(
    of transaction: ScriptTransaction, _ effect: ScriptTransaction.Effect
  ) -> String? {
    let time = transaction.time ?? .max
    let isOwner = transaction.inputs.contains { $0.address.map { own.contains($0) } ?? false }
    let others = isOwner ? effect.sentTo : transaction.inputs.compactMap(\.address)
    for other in Set(others).sorted() {
      let alike = TokenScreen.ends(of: other).flatMap { known[$0] } ?? []
      let familiar = Set(alike.lazy.filter { $0.since < time }.map(\.address))
      let isCrumb = isBitcoin && effect.net.units <= FamiliarAddresses.crumb
      let judgement = WalletDesk.screen.judge(
        .init(
          counterparty: other, isIncoming: !isOwner, wasStartedByOwner: isOwner,
          units: effect.net.units, isCrumb: isCrumb), familiar: familiar)
      if let known = TokenScreen.lookAlike(of: other, among: familiar) {
        let side = isOwner ? "paid to" : "came from"
        return "suspect: \(side) \(other), which looks like \(known) and is another address"
      }
      if judgement.reasons.contains(.dust) {
        return "suspect: a crumb from a stranger, which may be there to trace the wallet"
      }
    }
    return nil
  }
}
