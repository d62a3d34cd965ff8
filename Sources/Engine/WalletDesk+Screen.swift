import Encodings
import Ledger
import VenueKit
import Wallets

// What speaks against the tokens that wallets hold.

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
