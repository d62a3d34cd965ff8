import Amounts
import Ledger
import Portfolio
import Prices
import Wire

/// What was gained, and what it would be to sell now.
///
/// The ledger is folded elsewhere, off the engine's loop, and comes here as a digest; what depends on
/// prices of this moment is kept here, and a price changes what rests on it alone. The law: any order
/// of changes gives what the last digest and the last prices give at once.
struct GainsDesk: Sendable {
  /// How long new entries and prices are gathered before the ledger is folded again, in microseconds.
  static let pause: Int64 = 2_000_000

  /// How far the fold is.
  enum State: Hashable, Sendable {
    /// It goes on, so many per cent.
    case computing(percent: Int)
    /// It holds every entry that was there when it began.
    case ready
    /// It could not be made.
    case failed(String)
  }

  private(set) var state = State.computing(percent: 0)
  private(set) var inputs: GainsInputs
  private(set) var digest: GainsDigest?
  /// What the prices of now add to the digest's, by asset.
  private var shifts: [AssetID: Fixed] = [:]
  private(set) var shift = Fixed.zero
  private(set) var unrealised: [AssetID: Fixed] = [:]
  private(set) var unrealisedSum = Fixed.zero
  private var live: [AssetID: Price] = [:]
  private var screeningRound = 0
  private var isAsking = false
  private var isStale = true
  private var askAt: Instant?
  /// How often a sum left the range of exact numbers.
  private(set) var overflows = 0

  init(currency: Currency, rules: GainRules, benchmark: BenchmarkBlend, at now: Instant) {
    inputs = GainsInputs(
      rules: rules, benchmark: benchmark,
      prices: DailyCloses(currency: currency, openDay: UTCDay(now)))
    askAt = now
  }

  /// When the ledger is folded again: when something changed, and when a day is over.
  var wakeAt: Instant? {
    isAsking ? nil : min(askAt ?? Instant(microseconds: .max), inputs.today.advanced(by: 1).start)
  }

  /// Looks whether a day is over.
  mutating func tick(at now: Instant) {
    guard UTCDay(now) > inputs.today else { return }
    inputs.prices.take(live: live, on: UTCDay(now))
    askAt = now
    isStale = true
  }

  // MARK: - What changes

  /// The ledger, its links or its accounts are different.
  mutating func ledgerChanged(at now: Instant) { wantFold(at: now) }

  /// Sets how cost is found and what performance is set beside.
  mutating func take(rules: GainRules?, benchmark: BenchmarkBlend?, at now: Instant) {
    if let rules { inputs.rules = rules }
    if let benchmark { inputs.benchmark = benchmark }
    askAt = now
    isStale = true
  }

  /// Days are over.
  mutating func take(_ bars: [AssetBar], at now: Instant) {
    var isNew = false
    for bar in bars where bar.length == .day {
      // The day may have been over before anybody looked at the clock.
      inputs.prices.take(live: live, on: max(inputs.today, UTCDay(now)))
      inputs.prices.take(bar.bar.close, of: bar.asset, on: UTCDay(bar.bar.start))
      isNew = true
    }
    if isNew || UTCDay(now) > inputs.today { wantFold(at: now) }
  }

  /// Bars from before were loaded: all closes anew.
  mutating func reload(_ history: HistoryDesk, at now: Instant) {
    inputs.generation = history.generation
    inputs.prices.forgetPrices(openDay: UTCDay(now))
    guard history.currency == inputs.currency else { return }
    for asset in history.assets { inputs.prices.take(history.closes(of: asset), of: asset) }
    wantFold(at: now)
  }

  /// Takes in what a settlement changed.
  mutating func settled(
    _ settlement: Settlement, changed: [Position], removed: [AssetID], at now: Instant
  ) {
    if settlement.currency != inputs.currency {
      self = GainsDesk(
        currency: settlement.currency, rules: inputs.rules, benchmark: inputs.benchmark, at: now)
    }
    inputs.links = settlement.links
    inputs.accounts = settlement.accounts
    if settlement.screeningRound != screeningRound {
      screeningRound = settlement.screeningRound
      take(settlement.screenings, at: now)
    }
    for place in changed.indices {
      let (asset, isFolded) = (changed[place].asset, changed[place].isFolded)
      let state = changed[place].state
      if let price = changed[place].price?.price, !isFolded {
        // A first price changes more than a sum.
        if live.updateValue(price, forKey: asset) == nil { wantFold(at: now) }
      } else {
        live[asset] = nil
      }
      if state != .live, !isFolded {
        inputs.doubtful[asset] = state
      } else if !inputs.doubtful.isEmpty {
        inputs.doubtful[asset] = nil
      }
      value(asset)
    }
    for asset in removed {
      live[asset] = nil
      inputs.doubtful[asset] = nil
      value(asset)
    }
  }

  /// Takes over what is worth nothing, whatever it costs or as long as nobody says what.
  private mutating func take(_ screenings: [AssetID: Screening], at now: Instant) {
    func assets(_ standing: Screening.Standing) -> Set<AssetID> {
      Set(screenings.lazy.filter { $0.value.standing == standing }.map(\.key))
    }
    (inputs.prices.ignored, inputs.prices.suspect) = (assets(.ignored), assets(.folded))
    wantFold(at: now)
  }

  /// Takes news of the fold.
  mutating func take(_ news: GainsNews, at now: Instant) {
    switch news {
    case .progress(let done, let total):
      let share = total > 0 ? min(99, done * 100 / total) : 0
      if digest == nil { state = .computing(percent: share) }
      return
    case .failed(let reason):
      if digest == nil { state = .failed(reason) }
    case .digest(let digest):
      guard digest.currency == inputs.currency else { break }
      self.digest = digest
      state = .ready
      valueAll()
    }
    isAsking = false
    if isStale { askAt = askAt ?? Instant(microseconds: now.microseconds + GainsDesk.pause) }
  }

  private mutating func wantFold(at now: Instant) {
    isStale = true
    if askAt == nil { askAt = Instant(microseconds: now.microseconds + GainsDesk.pause) }
  }

  /// What the worker is to do now; `nil` for nothing.
  mutating func task(at now: Instant) -> GainsInputs? {
    guard !isAsking, isStale, let due = askAt, now >= due else { return nil }
    (isAsking, isStale, askAt) = (true, false, nil)
    return view(at: now)
  }

  /// Everything that figures rest on, as it is now.
  func view(at now: Instant) -> GainsInputs {
    var view = inputs
    view.prices.take(live: live, on: max(inputs.today, UTCDay(now)))
    return view
  }

  // MARK: - What prices change

  private mutating func valueAll() {
    (shifts, shift, unrealised, unrealisedSum, overflows) = ([:], .zero, [:], .zero, 0)
    guard let digest else { return }
    for asset in Set(digest.quantities.keys).union(digest.open.keys) { value(asset) }
  }

  /// Values one asset anew.
  private mutating func value(_ asset: AssetID) {
    guard let digest else { return }
    let price = price(of: asset)
    let change = moved(asset, digest, live[asset])
    overflows += GainsDesk.replace(&shift, shifts[asset], change)
    shifts[asset] = change
    let gain = digest.open[asset]?.unrealised(at: price)
    overflows += GainsDesk.replace(&unrealisedSum, unrealised[asset], gain)
    unrealised[asset] = gain
  }

  private func moved(_ asset: AssetID, _ digest: GainsDigest, _ price: Price?) -> Fixed? {
    guard let quantity = digest.quantities[asset], let was = digest.valued[asset], let price,
      price != was,
      let before = try? quantity.multiplied(by: was.fixed, rounding: .halfEven),
      let after = try? quantity.multiplied(by: price.fixed, rounding: .halfEven)
    else { return nil }
    return try? after.subtracting(before)
  }

  /// Puts a part of a sum in the place of another; 1 where that leaves the range of exact numbers.
  private static func replace(_ sum: inout Fixed, _ old: Fixed?, _ new: Fixed?) -> Int {
    min(1, add(old ?? .zero, sign: -1, to: &sum) + add(new ?? .zero, to: &sum))
  }

  /// What an asset costs now, or when the digest was made where nobody says.
  func price(of asset: AssetID) -> Price? { live[asset] ?? digest?.recent[asset] }

  /// What the prices of now add to what an asset was worth in the digest.
  func shift(of asset: AssetID) -> Fixed { shifts[asset] ?? .zero }
}

/// What the fold says.
enum GainsNews: Sendable {
  /// So many entries of so many.
  case progress(done: Int, total: Int)
  /// It is done.
  case digest(GainsDigest)
  /// It could not be made.
  case failed(String)
}
