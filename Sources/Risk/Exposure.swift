public import Amounts

/// One holding, with everything it hangs on.
public struct ExposureLine: Hashable, Sendable {
  /// What is held.
  public let asset: String
  /// What it is worth, negative when short.
  public let value: Money
  /// The venue that holds it; `nil` in an own wallet.
  public let venue: String?
  /// The chain it lives on.
  public let chain: String?
  /// Who must pay for it to keep its value, as of a stablecoin or a wrapped asset.
  public let issuer: String?
  /// The part of the portfolio that it belongs to.
  public let sleeve: String?

  /// Makes a line.
  ///
  /// - Parameters:
  ///   - asset: What is held.
  ///   - value: What it is worth.
  ///   - venue: The venue that holds it.
  ///   - chain: The chain it lives on.
  ///   - issuer: Who must pay for it.
  ///   - sleeve: The part of the portfolio that it belongs to.
  public init(
    asset: String, value: Money, venue: String? = nil, chain: String? = nil,
    issuer: String? = nil, sleeve: String? = nil
  ) {
    self.asset = asset
    self.value = value
    self.venue = venue
    self.chain = chain
    self.issuer = issuer
    self.sleeve = sleeve
  }
}

/// How much hangs on each asset, venue, chain, issuer or sleeve.
public struct ExposureReport: Hashable, Sendable {
  /// What lines are grouped by.
  public enum Dimension: String, Hashable, Sendable, CaseIterable {
    case asset, venue, chain, issuer, sleeve
  }

  /// The lines that hang on one thing.
  public struct Group: Hashable, Sendable {
    /// Its name; `nil` for lines that hang on none.
    public let name: String?
    /// The sum of positive values.
    public let long: Money
    /// The sum of negative values, zero or below.
    public let short: Money
    /// Long plus short.
    public let net: Money
    /// Long less short, zero or above.
    public let gross: Money
    /// The gross value's share of all gross value; `nil` where there is none.
    public let grossShare: Double?
  }

  /// What lines are grouped by.
  public let dimension: Dimension
  /// The groups, the greatest gross value first, of equals by name.
  public let groups: [Group]

  /// Groups lines; sums are exact.
  ///
  /// - Parameters:
  ///   - lines: The holdings, all in the currency.
  ///   - dimension: What they are grouped by.
  ///   - currency: What they are worth it in.
  /// - Throws: `ArithmeticFault` where a sum leaves what an amount can hold.
  public init(
    _ lines: [ExposureLine], by dimension: Dimension, _ currency: Currency
  ) throws(ArithmeticFault) {
    var sums: [String?: (long: Money, short: Money)] = [:]
    for line in lines {
      let name = ExposureReport.name(line, dimension)
      var sum = sums[name] ?? (.zero(currency), .zero(currency))
      if line.value.amount.isNegative {
        sum.short = try sum.short.adding(line.value)
      } else {
        sum.long = try sum.long.adding(line.value)
      }
      sums[name] = sum
    }
    var rows: [(name: String?, long: Money, short: Money, gross: Money)] = []
    var whole = 0.0
    for (name, sum) in sums {
      let gross = try sum.long.subtracting(sum.short)
      whole += gross.amount.approximate
      rows.append((name, sum.long, sum.short, gross))
    }
    rows.sort { a, b in
      a.gross.amount == b.gross.amount
        ? (a.name ?? "") < (b.name ?? "") : b.gross.amount < a.gross.amount
    }
    var groups: [Group] = []
    for row in rows {
      groups.append(
        Group(
          name: row.name, long: row.long, short: row.short, net: try row.long.adding(row.short),
          gross: row.gross, grossShare: whole > 0 ? row.gross.amount.approximate / whole : nil))
    }
    self.groups = groups
    self.dimension = dimension
  }

  private static func name(_ line: ExposureLine, _ dimension: Dimension) -> String? {
    switch dimension {
    case .asset: line.asset
    case .venue: line.venue
    case .chain: line.chain
    case .issuer: line.issuer
    case .sleeve: line.sleeve
    }
  }
}

/// What is out of reach while a venue lets nothing out.
public struct WithdrawalStop: Hashable, Sendable {
  /// The venue.
  public let venue: String
  /// What it holds net, by asset, the greatest first.
  public let blocked: [ExposureReport.Group]
  /// The net value it holds.
  public let value: Money
  /// Its share of the whole portfolio's net value; `nil` unless that is positive.
  public let share: Double?

  /// Supposes that a venue stops withdrawals.
  ///
  /// - Parameters:
  ///   - venue: The venue.
  ///   - lines: The holdings, all in the currency.
  ///   - currency: What they are worth it in.
  /// - Throws: `ArithmeticFault` where a sum leaves what an amount can hold.
  public init(
    of venue: String, _ lines: [ExposureLine], _ currency: Currency
  ) throws(ArithmeticFault) {
    let own = lines.filter { $0.venue == venue }
    blocked = try ExposureReport(own, by: .asset, currency).groups
    var value = Money.zero(currency)
    var whole = Money.zero(currency)
    for line in lines {
      whole = try whole.adding(line.value)
      if line.venue == venue { value = try value.adding(line.value) }
    }
    self.venue = venue
    self.value = value
    let all = whole.amount.approximate
    share = all > 0 ? value.amount.approximate / all : nil
  }
}
