import Encodings
import Ledger
import VenueKit
import Wallets

// Which tokens are asked for on chains whose nodes do not list them.

/// A token that the user named, and what its contract says of itself.
struct NamedToken: Hashable, Sendable {
  /// What it calls itself, as its author chose.
  var symbol: String?
  /// Its decimals.
  var decimals: Int?
  /// Why one of them is not known.
  var problem = ""

  /// Whether the contract described itself.
  var isKnown: Bool { symbol != nil && decimals != nil }
}

extension WalletDesk.Wallet {
  /// The longest name of a token that is kept, in characters.
  static let longestSymbol = 64

  /// Takes the contracts that the user named; what is well known anyway need not be asked.
  mutating func name(_ contracts: [String]) {
    guard server.kind == .ethereum else { return }
    for contract in contracts {
      let asset = AssetID.contract(chain: server.chain, address: contract)
      if KnownAssets.token(asset) == nil { named[contract] = NamedToken() }
    }
  }

  /// The tokens that are asked for: the chain's well-known ones, then the user's.
  var tokens: [TokenContract] {
    guard server.kind == .ethereum else { return [] }
    var tokens = KnownAssets.tokens(of: server.chain).compactMap { token in
      EthereumAddress.bytes(token.address).map {
        TokenContract(address: $0, symbol: token.symbol, decimals: token.decimals)
      }
    }
    for (contract, token) in named.sorted(by: { $0.key < $1.key }) {
      guard let bytes = EthereumAddress.bytes(contract), let symbol = token.symbol,
        let decimals = token.decimals
      else { continue }
      tokens.append(TokenContract(address: bytes, symbol: symbol, decimals: decimals))
    }
    return tokens
  }

  /// Asks the contracts that did not say it yet what they call themselves.
  ///
  /// - Returns: Whether anything is asked.
  mutating func askNames() -> Bool {
    let node = EthereumNode(chain: server.chain, url: server.url)
    for (contract, token) in named.sorted(by: { $0.key < $1.key }) where !token.isKnown {
      guard let bytes = EthereumAddress.bytes(contract) else { continue }
      named[contract]?.problem = ""
      if token.symbol == nil { waiting.append(.symbol(contract, node.symbol(of: bytes))) }
      if token.decimals == nil { waiting.append(.decimals(contract, node.decimals(of: bytes))) }
      isNaming = true
    }
    return isNaming
  }

  /// What is to be said of contracts that do not describe themselves; empty where all do.
  var tokenProblems: String {
    named.sorted { $0.key < $1.key }.filter { !$0.value.problem.isEmpty }.prefix(3)
      .map { "token \($0.key) is left out: \($0.value.problem)" }.joined(separator: "; ")
  }

  /// What contracts said of themselves, to be kept.
  var tokenState: JSON {
    var members: [(String, JSON)] = []
    for (contract, token) in named.sorted(by: { $0.key < $1.key }) {
      guard let symbol = token.symbol, let decimals = token.decimals else { continue }
      members.append((contract, .array([.string(symbol), .number(String(decimals))])))
    }
    return .object(JSONObject(members))
  }

  /// Takes back what was kept; what the user named no more is forgotten.
  mutating func restoreTokens(_ node: Node) {
    for member in (try? node.optionalMembers()) ?? [] where named[member.key] != nil {
      guard let decimals = try? member[1].integer(),
        (0...Int64(ChainAmount.mostDecimals)).contains(decimals)
      else { continue }
      let symbol = (try? member[0].optionalText()) ?? nil
      named[member.key] = NamedToken(
        symbol: String((symbol ?? "").prefix(Self.longestSymbol)), decimals: Int(decimals))
    }
  }
}

extension ChainBalance {
  /// The balance with the decimals of a token that everybody knows, where its server tells none.
  var told: ChainBalance {
    guard !areDecimalsKnown, let token = KnownAssets.token(asset) else { return self }
    return ChainBalance(
      asset, symbol: token.symbol,
      ChainAmount(
        units: amount.units, decimals: token.decimals, isNegative: amount.isNegative), part: part)
  }
}
