import Amounts
import Ledger
import Lots
import Performance
import Prices

/// What a day, or many of them, did to the value of what is held, in the currency of the figures.
///
/// Always: `gain` is the sum of its sources, and value less value before is `gain` plus flows wherever
/// every price is known. What has no price is in no sum and is counted; what came for it or was given
/// for it by trades is a flow.
struct DayFigures: Hashable, Sendable {
  /// What everything with a price was worth at the end.
  var value = Fixed.zero
  /// What was there at the beginning, of assets whose gain is known.
  var opening = Fixed.zero
  /// What came in and went out, above zero, of assets whose gain is known.
  var inflow = Fixed.zero
  var outflow = Fixed.zero
  /// What came by trades and transfers from others of the holder's assets, less what went there.
  var moved = Fixed.zero
  /// What was gained, of assets whose gain is known, and what it came from.
  var gain = Fixed.zero
  var price = Fixed.zero
  var currency = Fixed.zero
  var trading = Fixed.zero
  var fees = Fixed.zero
  var funding = Fixed.zero
  var rewards = Fixed.zero
  var lost = Fixed.zero
  /// How many assets were held at the end without any price.
  var unpriced = 0
  /// How many rest on a price of a day before.
  var carried = 0
  /// What those were worth whose price is more than `DailyCloses.mostCarried` days old.
  var staleValue = Fixed.zero
  /// How many assets have a gain that nobody knows: their first price came after them.
  var unknownGains = 0
  /// How many sums left the range of exact numbers.
  var overflows = 0

  /// Whether so much of the value rests on old prices that its changes tell little.
  var isMostlyStale: Bool {
    guard let share = try? staleValue.magnitude(), let size = try? value.magnitude() else {
      return true
    }
    return share.units > size.units / 10
  }

  /// Adds what an asset did on the same day.
  mutating func add(_ other: DayFigures) {
    overflows += Engine.add(other.value, to: &value)
    addChanges(other)
    overflows += Engine.add(other.opening, to: &opening)
    overflows += Engine.add(other.staleValue, to: &staleValue)
    unpriced += other.unpriced
    carried += other.carried
  }

  /// Adds what a later day did: values are those of the later day.
  mutating func append(_ later: DayFigures) {
    value = later.value
    unpriced = later.unpriced
    carried = later.carried
    staleValue = later.staleValue
    addChanges(later)
  }

  private mutating func addChanges(_ other: DayFigures) {
    overflows += Engine.add(other.inflow, to: &inflow)
    overflows += Engine.add(other.outflow, to: &outflow)
    overflows += Engine.add(other.moved, to: &moved)
    overflows += Engine.add(other.gain, to: &gain)
    overflows += Engine.add(other.price, to: &price)
    overflows += Engine.add(other.currency, to: &currency)
    overflows += Engine.add(other.trading, to: &trading)
    overflows += Engine.add(other.fees, to: &fees)
    overflows += Engine.add(other.funding, to: &funding)
    overflows += Engine.add(other.rewards, to: &rewards)
    overflows += Engine.add(other.lost, to: &lost)
    unknownGains += other.unknownGains
    overflows += other.overflows
  }

  /// Counts what moved between assets as a flow: what is left of it once all assets of a day are in.
  mutating func closeMoves() {
    if moved.isNegative {
      overflows += Engine.add(moved, sign: -1, to: &outflow)
    } else {
      overflows += Engine.add(moved, to: &inflow)
    }
    moved = .zero
  }

  /// The day as a period between two valuations.
  var period: ValuedPeriod {
    let (before, came) = (opening.approximate, inflow.approximate)
    let left = outflow.approximate
    return ValuedPeriod(
      opening: before, closing: before + came - left + gain.approximate, inflow: came,
      outflow: left)
  }
}

/// Follows what some places hold of one asset from day to day.
///
/// Where a day has no price the last one before it stands in, however old, and is marked: so a gain is
/// late, not lost. What never had a price stands at that of its own trades.
struct AssetDays {
  private let asset: AssetID
  private let moves: [(day: UTCDay, move: DayMove)]
  private let prices: GainPrices
  private let isCurrency: Bool

  /// Takes the moves of one asset in the places that count, added up by day.
  init(_ asset: AssetID, _ moves: [UTCDay: DayMove], prices: GainPrices) {
    self.asset = asset
    self.moves = moves.sorted { $0.key < $1.key }.map { (day: $0.key, move: $0.value) }
    self.prices = prices
    if case .fiat = asset { isCurrency = true } else { isCurrency = false }
  }

  /// The state after a day.
  private struct State {
    var quantity = Fixed.zero
    var price: Price?
    var value = Fixed.zero
  }

  /// Hands out the figures of each day on which something is held or moves.
  ///
  /// - Parameters:
  ///   - first: The first day that is wanted.
  ///   - last: The last.
  ///   - take: Takes the figures of a day.
  /// - Complexity: O(days since the first move).
  func forEach(from first: UTCDay, through last: UTCDay, _ take: (UTCDay, DayFigures) -> Void) {
    var state = State()
    var next = 0
    guard var day = moves.first?.day else { return }
    while day <= last {
      let hasMove = next < moves.count && moves[next].day == day
      if !hasMove && state.quantity.isZero {
        // Nothing is there until the next move.
        guard next < moves.count, moves[next].day <= last else { return }
        day = moves[next].day
        continue
      }
      let move = hasMove ? moves[next].move : DayMove()
      if hasMove { next += 1 }
      let figures = figures(of: move, on: day, &state)
      if day >= first { take(day, figures) }
      day = day.advanced(by: 1)
    }
  }

  private func worth(_ quantity: Fixed, _ price: Price?) -> Fixed? {
    if quantity.isZero { return .zero }
    return price.flatMap { try? quantity.multiplied(by: $0.fixed, rounding: .halfEven) }
  }

  private func figures(of move: DayMove, on day: UTCDay, _ state: inout State) -> DayFigures {
    var figures = DayFigures()
    figures.overflows = move.overflows
    let before = state
    let close = prices.close(of: asset, on: day, within: .max)
    guard let quantity = try? before.quantity.adding(move.change) else {
      figures.overflows += 1
      return figures
    }
    let value = worth(quantity, close?.price)
    state = State(quantity: quantity, price: close?.price, value: value ?? .zero)
    figures.value = value ?? .zero
    if !quantity.isZero {
      if value == nil { figures.unpriced = 1 }
      if let close, close.age > 0 { figures.carried = 1 }
      if let close, close.age > DailyCloses.mostCarried { figures.staleValue = figures.value }
    }
    let hadPrice = before.quantity.isZero || before.price != nil
    if hadPrice, value != nil || quantity.isZero, move.unknownTrades == 0,
      explain(move, from: before.value, to: value ?? .zero, at: close?.price, in: &figures)
    {
      return figures
    }
    // What never had a price is left out; what gets its first one comes in at it.
    if value != nil && !quantity.isZero || !hadPrice && quantity.isZero { figures.unknownGains = 1 }
    return figures
  }

  /// Says where a change of value came from; false where something has no value.
  private func explain(
    _ move: DayMove, from opening: Fixed, to closing: Fixed, at price: Price?,
    in figures: inout DayFigures
  ) -> Bool {
    do {
      guard let traded = move.traded, let inflow = worth(move.inflow, price),
        let outflow = worth(move.outflow, price),
        let transfer = worth(move.transfer, price), let rewards = worth(move.rewards, price),
        let fees = worth(move.fees, price), let funding = worth(move.funding, price),
        let lost = worth(move.lost, price)
      else { return false }
      // What trades moved counts from what they paid; without a price it stays at that.
      let reached = worth(traded, price) ?? move.paid
      let trading = try reached.subtracting(move.paid)
      let moved = try transfer.adding(move.paid)
      let gain = try closing.subtracting(opening).subtracting(inflow).adding(outflow)
        .subtracting(moved)
      let rest = try gain.subtracting(trading).subtracting(rewards).subtracting(fees)
        .subtracting(funding).subtracting(lost)
      figures.opening = opening
      (figures.inflow, figures.outflow, figures.moved) = (inflow, outflow, moved)
      figures.gain = gain
      (figures.trading, figures.rewards, figures.fees) = (trading, rewards, fees)
      (figures.funding, figures.lost) = (funding, lost)
      if isCurrency { figures.currency = rest } else { figures.price = rest }
      return true
    } catch {
      figures.overflows += 1
      return false
    }
  }
}
