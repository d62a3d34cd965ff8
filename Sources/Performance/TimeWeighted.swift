public import Amounts

/// When a flow of a bar is taken to have happened.
public enum FlowTiming: String, Hashable, Sendable, CaseIterable {
  /// All flows before the bar: r = V₁/(V₀ + F) − 1.
  case startOfBar = "start_of_day"
  /// All flows after the bar: r = (V₁ − F)/V₀ − 1.
  case endOfBar = "end_of_day"
  /// Money in before, money out after: r = (V₁ + out)/(V₀ + in) − 1.
  case inBeforeOutAfter = "in_start_out_end"
}

/// One period between two valuations, with the money that came from or went to the outside.
public struct ValuedPeriod: Hashable, Sendable {
  /// The value at the beginning.
  public let opening: Double
  /// The value at the end, after the flows.
  public let closing: Double
  /// What came in, positive.
  public let inflow: Double
  /// What went out, positive.
  public let outflow: Double

  /// Makes a period; all amounts are of one currency.
  public init(opening: Double, closing: Double, inflow: Double = 0, outflow: Double = 0) {
    self.opening = opening
    self.closing = closing
    self.inflow = inflow
    self.outflow = outflow
  }

  /// Makes a period from exact amounts of one currency.
  public init(opening: Money, closing: Money, inflow: Money, outflow: Money) {
    precondition(
      Set([opening, closing, inflow, outflow].map(\.currency)).count == 1,
      "A period is valued in one currency.")
    self.init(
      opening: opening.amount.approximate, closing: closing.amount.approximate,
      inflow: inflow.amount.approximate, outflow: outflow.amount.approximate)
  }

  /// What the period earned on the money that was there.
  ///
  /// A period in which nothing was there to earn (no capital under the timing) has no return. What
  /// is smaller than a 10¹²-th of the amounts beside it is the rounding of a value that went to 0.
  ///
  /// - Parameter timing: When the flows happened.
  /// - Returns: The return; `nil` without capital.
  public func timeWeightedReturn(_ timing: FlowTiming) -> Double? {
    let (base, gained) =
      switch timing {
      case .startOfBar: (opening + inflow - outflow, closing)
      case .endOfBar: (opening, closing - inflow + outflow)
      case .inBeforeOutAfter: (opening + inflow, closing + outflow)
      }
    let size = max(abs(opening), abs(closing), abs(inflow), abs(outflow))
    guard abs(base) > 1e-12 * size else { return nil }
    return finite((gained - base) / base)
  }
}

/// Returns that do not depend on when money came or went.
public struct TimeWeighted: Hashable, Sendable {
  /// The return of each period; `nil` where no capital was there.
  public let returns: [Double?]
  /// The linked return after each period.
  public let accumulated: [Double]

  /// Links the periods of a portfolio that is valued at every flow.
  ///
  /// Periods without capital change nothing: the record pauses and goes on when money is back.
  ///
  /// It is `nil` where a value leaves what a number can hold.
  ///
  /// - Parameters:
  ///   - periods: Oldest first, each opening where the one before closed.
  ///   - timing: When the flows of a period happened.
  /// - Complexity: O(n).
  /// - Source: GIPS Standards 2020 for Firms, provisions 2.A.20 and 2.A.24: subperiod returns
  ///   between external cash flows, geometrically linked.
  public init?(_ periods: [ValuedPeriod], timing: FlowTiming) {
    var wealth = 1.0
    var returns: [Double?] = []
    var accumulated: [Double] = []
    for period in periods {
      let value = period.timeWeightedReturn(timing)
      wealth *= 1 + (value ?? 0)
      guard wealth.isFinite else { return nil }
      returns.append(value)
      accumulated.append(wealth - 1)
    }
    self.returns = returns
    self.accumulated = accumulated
  }

  /// The linked return over all periods; `nil` where none had capital.
  public var total: Double? {
    returns.contains { $0 != nil } ? accumulated.last : nil
  }

  /// Follows values at the end of each bar.
  ///
  /// They are of bars 1...n; it is `nil` where a value leaves what a number can hold.
  ///
  /// - Parameters:
  ///   - values: The value at the end of bars 0...n, flows included.
  ///   - flows: The net flow of each bar: positive is money that came in. That of bar 0 is part of
  ///     the first value and counts for nothing.
  ///   - timing: When the flows of a bar happened.
  public init?(values: [Double], flows: [Double], timing: FlowTiming) {
    precondition(values.count == flows.count, "Every value has its flow.")
    let periods = values.indices.dropFirst().map { bar in
      ValuedPeriod(
        opening: values[bar - 1], closing: values[bar], inflow: max(flows[bar], 0),
        outflow: max(-flows[bar], 0))
    }
    self.init(periods, timing: timing)
  }
}

/// The return over a period whose value is known at its ends only.
public struct ModifiedDietz: Hashable, Sendable {
  /// A flow within the period.
  public struct Flow: Hashable, Sendable {
    /// How much came in; negative went out.
    public let amount: Double
    /// The share of the period that the money was there: (D − d)/D for a flow after d of D days.
    public let weight: Double

    /// Makes a flow.
    public init(amount: Double, weight: Double) {
      self.amount = amount
      self.weight = weight
    }
  }

  /// What was earned: V₁ − V₀ − Σ F.
  public let gain: Double
  /// The average capital: V₀ + Σ w F.
  public let capital: Double

  /// Takes the values at both ends and the flows between.
  public init(opening: Double, closing: Double, flows: [Flow]) {
    gain = closing - opening - flows.reduce(0) { $0 + $1.amount }
    capital = opening + flows.reduce(0) { $0 + $1.amount * $1.weight }
  }

  /// Gain over average capital; `nil` unless there was capital on average.
  ///
  /// - Source: P. O. Dietz, Pension Funds: Measuring Investment Performance, 1966; the day-weighted
  ///   form of GIPS Standards, Guidance Statement on Calculation Methodology, 2010.
  public var rate: Double? { capital > 0 ? ratio(gain, capital) : nil }
}
