import Amounts
import Ledger

/// The remarks in which Coinbase tells the other side of a trade.
enum CoinbaseNote {
  /// `Converted 0.2 ETH to 4.1 SOL`.
  static func conversion(
    _ text: String
  ) -> (outgoing: AssetQuantity, incoming: AssetQuantity)? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 6, words[0] == "Converted", words[3] == "to",
      let given = amount(words[1], words[2]), let got = amount(words[4], words[5])
    else { return nil }
    return (given, got)
  }

  /// What a trade's remark tells.
  struct Trade {
    /// What was paid or got altogether, fees included.
    let quote: AssetQuantity
    /// The same taken apart, where the price is told too.
    let fill: (subtotal: AssetQuantity, fee: AssetQuantity)?
  }

  /// `Bought 0.5 ETH for 800 USDC`, with ` on ETH-USDC at 1600 USDC/ETH` for orders of one's own.
  static func trade(_ text: String) -> Trade? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count >= 6, ["Bought", "Sold"].contains(words[0]), words[3] == "for",
      let base = amount(words[1], words[2]), let quote = amount(words[4], words[5])
    else { return nil }
    guard words.count >= 11, words[6] == "on", words[8] == "at",
      words[7].hasSuffix("-" + words[5]), words[10].hasPrefix(words[5] + "/"),
      let price = number(words[9]),
      let subtotal = try? base.quantity.times(price),
      let fee = try? subtotal.subtracting(quote.quantity).magnitude()
    else { return Trade(quote: quote, fill: nil) }
    let asset = quote.asset
    return Trade(
      quote: quote, fill: (AssetQuantity(subtotal, asset), AssetQuantity(fee, asset)))
  }

  private static func amount(
    _ number: Substring, _ code: Substring
  ) -> AssetQuantity? {
    guard let quantity = self.number(number), !code.isEmpty else { return nil }
    return AssetQuantity(quantity, NamedAsset(String(code)))
  }

  /// A number with a point and groups, or, in other languages, with a comma before the fraction.
  private static func number(_ text: Substring) -> Quantity? {
    let text = String(text)
    let hasOneComma = text.filter { $0 == "," }.count == 1 && !text.contains(".")
    let digitsBehind = text.split(separator: ",", omittingEmptySubsequences: false).last?.count
    let isFraction = hasOneComma && (digitsBehind != 3 || text.hasPrefix("0,"))
    let style = isFraction ? NumberStyle.comma : .pointed
    guard let value = try? style.read(text), let magnitude = try? value.magnitude() else {
      return nil
    }
    return Quantity(magnitude)
  }
}

/// Coinbase's types of transactions that follow one scheme.
enum CoinbaseKinds {
  /// How a row becomes a transaction.
  struct Rule: Sendable {
    let incoming: EntryKind
    let outgoing: EntryKind
    let direction: Direction
    let hasValue: Bool
  }

  /// Which way a row goes.
  enum Direction: Sendable {
    case incoming, outgoing, asSigned
  }

  /// Moves between own accounts at Coinbase, which one history has both ends of.
  static let skipped: Set<String> = [
    "vault withdrawal", "vault deposit", "cash to savings", "savings to cash", "transfer",
    "portfolio transfer", "cfm funding", "futures transfer",
  ]

  /// The types, in lower case.
  static let rules: [String: Rule] = {
    var rules: [String: Rule] = [:]
    for (types, kind) in income {
      for type in types {
        rules[type] = Rule(
          incoming: kind, outgoing: .spend, direction: .asSigned, hasValue: true)
      }
    }
    for (types, kind) in outlay {
      for type in types {
        rules[type] = Rule(
          incoming: kind == .fee ? .feeRebate : .receive, outgoing: kind, direction: .outgoing,
          hasValue: kind != .withdrawal)
      }
    }
    for type in ["exchange withdrawal", "pro withdrawal", "prime withdrawal"] {
      rules[type] = Rule(
        incoming: .deposit, outgoing: .withdrawal, direction: .incoming, hasValue: false)
    }
    for type in ["derivatives settlement", "futures settlement", "perpetuals settlement"] {
      rules[type] = Rule(
        incoming: .marginGain, outgoing: .marginLoss, direction: .asSigned, hasValue: false)
    }
    return rules
  }()

  private static let income: [([String], EntryKind)] = [
    (["coinbase earn", "learning reward", "admin credit"], .income),
    (["rewards income", "reward income", "inflation reward", "staking income"], .staking),
    (["interest payout", "interest"], .interest),
    (
      ["subscription rebate", "subscription rebates", "subscription rebates (24 hours)"], .feeRebate
    ),
    (["credit card reward", "card reward", "card cashback"], .cashback),
    (
      ["incentives rewards payout", "retail simple price improvement", "incentive payout"], .reward
    ),
    (["airdrop", "hard fork", "fork"], .airdrop), (["referral reward"], .referral),
    (["retail simple dust", "sell refund", "buy refund", "refund"], .receive),
  ]

  private static let outlay: [([String], EntryKind)] = [
    (["send", "exchange deposit", "pro deposit", "prime deposit"], .withdrawal),
    (["donation"], .donation), (["subscription", "coinbase one"], .fee),
    (["admin debit", "card spend", "credit card balance payment", "payment"], .spend),
  ]
}
