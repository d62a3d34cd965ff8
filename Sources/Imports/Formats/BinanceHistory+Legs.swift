import Amounts
import Ledger

/// One row of Binance's transaction history.
struct BinanceLeg: Hashable, Sendable {
  /// How much came in or went out.
  let change: Change
  /// `Spot`, `Earn`, `USD-MFutures`.
  let account: String
  /// What Binance calls it.
  let operation: String
  /// A remark.
  let remark: String

  /// What the row says, without its place in the file.
  struct Content: Hashable, Sendable {
    let time: Instant
    let isIncoming: Bool
    let amount: AssetQuantity
    let account: String
    let operation: String
    let remark: String
  }

  /// What the row says, without its place in the file.
  var content: Content {
    Content(
      time: change.time, isIncoming: change.isIncoming, amount: change.amount, account: account,
      operation: operation, remark: remark)
  }

  /// Whether it is what was charged for a trade.
  var isFee: Bool { operation == "Fee" || operation == "Transaction Fee" }

  /// A transaction of the row alone.
  func transaction(_ kind: EntryKind) -> ImportedTransaction {
    var transaction = change.transaction(kind)
    // What is moved into a product or out of it is still owned: one side says it.
    if kind == .stake || kind == .unstake {
      (transaction.incoming, transaction.outgoing) = (change.amount, nil)
    }
    transaction.note = remark.isEmpty ? operation : "\(operation): \(remark)"
    return transaction
  }

  /// What the row means; `nil` where Binance's name for it is not known.
  var meaning: BinanceMeaning? {
    if isFutures { return futuresMeaning }
    if let group = BinanceOperations.groups[operation.lowercased()] {
      return .group(BinanceGroup(family: group, part: isMargin ? "margin" : ""))
    }
    if let moved = ownMove { return moved }
    if isMargin, let kinds = BinanceOperations.marginChanges[operation.lowercased()] {
      return .change(change.isIncoming ? kinds.in : kinds.out)
    }
    return peculiarMeaning
      ?? BinanceOperations.changes[operation.lowercased()].map {
        .change(change.isIncoming ? $0.in : $0.out)
      }
  }

  private var isFutures: Bool { account.lowercased().contains("futures") }

  private var isMargin: Bool { account.lowercased().contains("margin") }

  /// Between the parts of one account: both parts say it, with opposite signs.
  private var ownMove: BinanceMeaning? {
    let name = operation.lowercased()
    guard name.hasPrefix("transfer between") || name.hasPrefix("main and funding") else {
      return nil
    }
    let amount = change.amount
    return .group(
      BinanceGroup(
        family: .transfer, part: "\(name) \(amount.asset.code) \(amount.quantity.text)"))
  }

  private var futuresMeaning: BinanceMeaning? {
    if let moved = ownMove { return moved }
    let name = operation.lowercased()
    // Rows of this account are told as the exchange books them.
    let isBooked = account == "USD-MFutures"
    switch name {
    case "realized profit and loss", "realize profit and loss":
      if isBooked { return .change(change.isIncoming ? .reward : .loanRepayment) }
      return .change(change.isIncoming ? .marginGain : .marginLoss)
    case "fee", "funding fee", "insurance fund compensation", "insurance fund refund",
      "insurance clear", "liquidation fee", "delivered settlement":
      if change.isIncoming && name != "fee" { return .change(.feeRebate) }
      return .change(isBooked && !name.hasPrefix("insurance") ? .fee : .marginFee)
    case "asset conversion transfer", "futures convert", "multi-assets mode auto-exchange":
      return .group(BinanceGroup(family: .exchange, part: name + " futures"))
    default:
      return BinanceOperations.changes[name].map {
        .change(change.isIncoming ? $0.in : $0.out)
      }
    }
  }

  /// Names whose meaning hangs on the account or the remark.
  private var peculiarMeaning: BinanceMeaning? {
    let name = operation.lowercased()
    let isSpot = account.lowercased() == "spot"
    let isEarnProgram = remark.hasPrefix("Binance Earn")
    switch name {
    case "simple earn flexible subscription", "simple earn locked subscription":
      return isEarnProgram ? .change(.stake) : .skipped("into an own earn product")
    case "simple earn flexible redemption", "simple earn locked redemption":
      return isEarnProgram ? .change(.unstake) : .skipped("out of an own earn product")
    case "simple earn flexible interest": return .change(isEarnProgram ? .staking : .interest)
    case "staking purchase", "staking redemption":
      if !isSpot { return .skipped("the other end of a move into or out of staking") }
      return .change(name == "staking purchase" ? .stake : .unstake)
    case "pos savings purchase", "pos savings redemption":
      if !isSpot { return .skipped("the other end of a move into or out of savings") }
      return .change(change.isIncoming ? .receive : .spend)
    case "pos savings interest", "eth 2.0 staking rewards":
      return .change(isSpot ? .receive : .staking)
    case "launchpool interest": return .change(isSpot ? .receive : .interest)
    case "cash voucher distribution":
      return .change(operation.hasSuffix("Distribution") ? .reward : .airdrop)
    case "asset - transfer":
      return .change(handedOut ?? (change.isIncoming ? .deposit : .withdrawal))
    default:
      return BinanceOperations.ownMoves.contains(name) ? .skipped("between own products") : nil
    }
  }

  /// Old transfers with a remark that says that coins were handed out.
  private var handedOut: EntryKind? {
    guard change.isIncoming else { return nil }
    let remark = remark.lowercased()
    if ["airdrop", "空投"].contains(where: { remark.contains($0) }) { return .airdrop }
    return ["distribution", "分发"].contains { remark.contains($0) } ? .reward : nil
  }
}

/// What a row of Binance's transaction history means.
enum BinanceMeaning: Hashable, Sendable {
  /// A transaction by itself.
  case change(EntryKind)
  /// A part of one.
  case group(BinanceGroup)
  /// Nothing, and why.
  case skipped(String)
}

/// The names Binance has for what it books, in lower case.
enum BinanceOperations {
  /// Rows of which several make one transaction.
  static let groups: [String: BinanceGroup.Family] = [
    "buy": .trade, "sell": .trade, "fee": .trade, "transaction related": .trade,
    "transaction buy": .trade, "transaction spend": .trade, "transaction sold": .trade,
    "transaction revenue": .trade, "transaction fee": .trade,
    "small assets exchange bnb": .dust, "bnb fee deduction": .dust,
    "binance convert": .exchange, "large otc trading": .exchange,
    "the easiest way to trade": .exchange, "eth 2.0 staking": .exchange,
    "eth 2.0 staking withdrawals": .exchange, "leverage token redemption": .exchange,
    "stablecoins auto-conversion": .exchange, "asset conversion transfer": .exchange,
    "buy crypto with card": .exchange, "swap farming transaction": .liquidSwap,
    "liquid swap sell": .liquidSwap, "sol staking - purchase": .exchange,
    "sol staking - redemption": .exchange, "futures convert": .exchange,
    "auto-invest transaction": .exchange, "buy crypto": .fiat, "buy crypto with fiat": .fiat,
    "sell crypto to fiat": .fiat,
  ]

  /// Moves between products of one owner.
  static let ownMoves: Set<String> = [
    "transfer_in", "transfer_out", "savings purchase", "savings principal redemption",
    "launchpool subscription/redemption", "launchpad subscribe", "liquid swap add",
    "liquid swap add/sell", "liquid swap remove", "liquidity farming remove",
    "dot slot auction staking", "dot slot auction redemption", "freeze", "unfreeze",
    "ledger - fund migration", "c2c transfer",
  ]

  /// What a change of a margin account is that comes in, and one that goes out.
  static let marginChanges: [String: (in: EntryKind, out: EntryKind)] = [
    "margin loan": (.loan, .loanRepayment), "isolated margin loan": (.loan, .loanRepayment),
    "cross margin loan": (.loan, .loanRepayment),
    "margin repayment": (.loan, .loanRepayment),
    "isolated margin repayment": (.loan, .loanRepayment),
    "cross margin repayment": (.loan, .loanRepayment),
    "cross margin liquidation - repayment": (.loan, .loanRepayment),
    "isolated margin liquidation - repayment": (.loan, .loanRepayment),
    "cross margin liquidation - small assets takeover": (.receive, .liquidation),
    "isolated margin liquidation - fee": (.feeRebate, .marginFee),
    "cross margin liquidation - fee": (.feeRebate, .marginFee),
    "margin interest": (.feeRebate, .marginFee),
    "isolated margin interest": (.feeRebate, .marginFee),
    "cross margin interest": (.feeRebate, .marginFee),
  ]

  /// What a change is that comes in, and one that goes out.
  static let changes: [String: (in: EntryKind, out: EntryKind)] = {
    var changes: [String: (in: EntryKind, out: EntryKind)] = [:]
    for (kinds, names) in lists {
      for name in names { changes[name] = kinds }
    }
    return changes
  }()

  private static let lists: [((in: EntryKind, out: EntryKind), [String])] = [
    (
      (.deposit, .withdrawal),
      [
        "deposit", "fiat deposit", "withdraw", "fiat withdraw", "fiat withdrawal", "send",
        "send/recieve", "send/receive", "fiat ocbs - add fiat and fees", "p2p trading",
        "sell to card",
      ]
    ),
    (
      (.referral, .spend),
      [
        "commission history", "referrer rebates", "referee rebates", "commission rebate",
        "commission fee shared with you", "referral kickback", "referral commission",
      ]
    ),
    (
      (.airdrop, .spend),
      [
        "airdrop assets", "simple earn flexible airdrop", "campaign related reward",
        "launchpool airdrop", "launchpool airdrop - system distribution",
        "launchpool airdrop - user claim distribution", "hodler airdrops distribution",
        "megadrop rewards", "launchpad token distribution", "earn - airdrop distribution",
        "alpha 2.0 tokens distribution", "distribution", "rewards distribution",
        "token swap - distribution", "token swap - redenomination/rebranding",
        "token swap restitution",
      ]
    ),
    (
      (.reward, .spend),
      ["mission reward distribution", "binance convert bonus", "reward distribution"]
    ),
    ((.mining, .spend), ["super bnb mining", "mining reward"]),
    (
      (.interest, .spend),
      [
        "savings interest", "savings distribution", "pool distribution",
        "simple earn flexible - rewards income",
      ]
    ),
    (
      (.staking, .spend),
      [
        "staking rewards", "simple earn locked rewards", "bnb vault rewards",
        "swap farming rewards", "liquid swap rewards", "dot slot auction rewards",
        "launchpool earnings", "launchpool earnings distribution",
        "launchpool earnings withdrawal", "bnsol staking - extra rewards",
        "sol staking - rewards", "onchain yields fixed - distribution",
        "onchain yields flexible - distribution", "soft staking", "soft staking rewards",
      ]
    ),
    ((.receive, .spend), ["asset recovery", "leveraged coin consolidation"]),
    (
      (.cashback, .spend),
      [
        "binance card spending", "binance card cashback", "card cashback", "cashback voucher",
        "cashback",
      ]
    ),
    ((.giftReceived, .giftSent), ["crypto box"]),
    (
      (.receive, .spend),
      [
        "merchant acquiring", "merchant payment", "spending", "payment", "binance pay",
        "nft transaction", "dual investment subscribe", "dual investment settlement",
      ]
    ),
    ((.feeRebate, .fee), ["strategy trading fee rebate", "trading fee rebate", "nft gas fee"]),
  ]
}
