internal import Amounts
public import Ledger

/// What the demonstration's holder has imported from files: 60 assets on 8 accounts in 3 books, the
/// same every time.
///
/// The accounts that are followed come from simulated venues.
public struct DemoBook: Sendable {
  /// One fact of the portfolio.
  public struct Fact: Sendable {
    /// The simulated venue's id for it.
    public let reference: String
    /// When it happened.
    public let time: Instant
    /// What it is.
    public let kind: EntryKind
    /// What it moved.
    public let legs: [Leg]
  }

  /// The accounts.
  public let accounts: [Account]
  /// The facts, in order of time.
  public let facts: [Fact]

  /// Makes the portfolio.
  ///
  /// - Parameter seed: Another seed gives another portfolio of the same assets.
  public init(seed: UInt64 = 1) {
    accounts = DemoBook.places.map { name, venue, book in
      Account(id: AccountID(named: name), name: name, venue: venue, book: BookID(book))
    }
    var maker = FactMaker(accounts: accounts, seed: seed)
    facts = maker.facts()
  }

  private static let places: [(String, String, String)] = [
    ("Bitstamp", "bitstamp", "trading"), ("Gemini", "gemini", "trading"),
    ("OKX", "okx", "trading"), ("Bybit", "bybit", "trading"),
    ("KuCoin", "kucoin", "trading"), ("Ledger Nano", "ledger-live", "cold"),
    ("Trezor Safe", "trezor-suite", "cold"), ("DeFi wallet", "ethereum", "defi"),
  ]
}

/// Makes the demonstration's facts one after another.
private struct FactMaker {
  let accounts: [Account]
  var generator: SeededGenerator
  /// 2024-01-08T00:00:00Z.
  var time = Instant(seconds: 1_704_672_000)
  var made: [DemoBook.Fact] = []

  init(accounts: [Account], seed: UInt64) {
    self.accounts = accounts
    generator = SeededGenerator(seed: seed)
  }

  /// Deposits, then every asset bought in parts on some accounts, part of it staked or moved.
  mutating func facts() -> [DemoBook.Fact] {
    for account in accounts.prefix(5) {
      add(.deposit, [leg(account, .fiat(code: "USD"), FactMaker.deposit(of: account), .outside)])
    }
    for (index, item) in DemoAsset.all.enumerated() { buy(item, index) }
    return made
  }

  /// Enough dollars for what the account buys, and some left over.
  private static func deposit(of account: Account) -> String {
    ["bitstamp": "300000", "kucoin": "220000"][account.venue] ?? "130000"
  }

  private mutating func buy(_ item: DemoAsset, _ index: Int) {
    guard let total = try? Quantity(parsing: item.quantity) else { return }
    let places = (0..<(1 + index % 3)).map { accounts[(index + $0 * 3) % accounts.count] }
    let weights = places.map { _ in
      Quantity(Fixed(whole: Int64.random(in: 1...5, using: &generator)))
    }
    guard let parts = try? total.allocated(by: weights) else { return }
    for (account, part) in zip(places, parts) {
      let recorded = item.asset
      if account.book == BookID("trading") {
        trade(part, recorded, at: item.price, in: account)
      } else {
        add(
          .deposit, [Leg(account: account.id, asset: recorded, quantity: part, counter: .outside)])
      }
      reward(part, recorded, item, account)
    }
  }

  /// Buys in three fills, each with a fee in dollars.
  private mutating func trade(
    _ quantity: Quantity, _ asset: AssetID, at price: Double, in account: Account
  ) {
    let weights = (0..<3).map { _ in
      Quantity(Fixed(whole: Int64.random(in: 1...9, using: &generator)))
    }
    for part in (try? quantity.allocated(by: weights)) ?? [] {
      let paid = Fixed.near(
        part.fixed.approximate * price * (0.55 + 0.6 * generator.unit()), digits: 2)
      let fee = Fixed.near(paid.approximate * 0.001, digits: 4)
      guard let given = try? paid.negated(), let charged = try? fee.negated(), !given.isZero
      else { continue }
      let dollars = AssetID.fiat(code: "USD")
      var legs = [
        Leg(account: account.id, asset: asset, quantity: part, counter: .conversion),
        Leg(account: account.id, asset: dollars, quantity: Quantity(given), counter: .conversion),
      ]
      if !charged.isZero {
        legs.append(
          Leg(account: account.id, asset: dollars, quantity: Quantity(charged), counter: .fees))
      }
      add(.trade, legs)
    }
  }

  /// One position in six is partly staked and has earned something.
  private mutating func reward(
    _ quantity: Quantity, _ asset: AssetID, _ item: DemoAsset, _ account: Account
  ) {
    guard item.beta > 1, generator.unit() < 0.3,
      let half = try? quantity.allocated(by: [.init(.one), .init(.one)])[0],
      let out = try? half.negated()
    else { return }
    add(.stake, [Leg(account: account.id, asset: asset, quantity: out, counter: .staked)])
    let earned = Quantity(Fixed.near(half.fixed.approximate * 0.011, digits: 8))
    if !earned.isZero {
      add(.staking, [Leg(account: account.id, asset: asset, quantity: earned, counter: .income)])
    }
  }

  private func leg(
    _ account: Account, _ asset: AssetID, _ text: String, _ counter: Counter
  ) -> Leg {
    let quantity = (try? Quantity(parsing: text)) ?? .zero
    return Leg(account: account.id, asset: asset, quantity: quantity, counter: counter)
  }

  private mutating func add(_ kind: EntryKind, _ legs: [Leg]) {
    time = time.advanced(bySeconds: Int64.random(in: 3600...260_000, using: &generator))
    made.append(
      DemoBook.Fact(reference: "demo-\(made.count + 1)", time: time, kind: kind, legs: legs))
  }
}

extension Fixed {
  /// The decimal nearest to a simulated number, with so many digits after the point.
  ///
  /// - Parameters:
  ///   - value: A simulated number; one beyond 10¹⁵ or not finite gives zero.
  ///   - digits: Fractional digits, 0 to 15.
  /// - Returns: The decimal.
  static func near(_ value: Double, digits: Int) -> Fixed {
    var scale = 1.0
    var step: Int128 = Fixed.scale
    for _ in 0..<digits {
      scale *= 10
      step /= 10
    }
    let steps = (value * scale).rounded()
    guard steps.isFinite, abs(steps) < 1e18 else { return .zero }
    return Fixed(units: Int128(Int64(steps)) * step)
  }
}
