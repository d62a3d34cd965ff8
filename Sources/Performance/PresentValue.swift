import Statistics

/// The present value of flows as a function of the continuous rate u = ln(1 + rate).
///
/// f(u) = Σ aᵢ e^(−u tᵢ). Signs are what is looked for, so every value may be scaled by a positive
/// factor, which keeps far rates within what a number can hold.
struct PresentValue {
  /// Amount and time in years of each day with money, earliest first; times start at 0.
  private let terms: [(amount: Double, time: Double)]
  /// The sum of all flows.
  let sum: Double
  /// How often the amounts change their sign in time: a bound on the number of roots.
  ///
  /// Source: E. Laguerre, Théorie des équations numériques, 1883 (Descartes' rule for exponential
  /// sums); as a rule for cash flows: C. J. Norstrøm, J. of Financial and Quantitative Analysis 7
  /// (1972), 1835-1839.
  let signChangeCount: Int

  /// Rates that a Double tells from −100 % and from infinity.
  static let range = -36.7...709.0
  private static let evaluationLimit = 20_000

  /// Adds up the flows of each day; `nil` unless money moved on two days.
  init?(_ flows: [CashFlow], dayCount: DayCount) {
    guard flows.allSatisfy({ $0.amount.isFinite && abs($0.day) < 10_000_000 }) else { return nil }
    var days: [(day: Int, amount: Double)] = []
    for flow in flows.sorted(by: { $0.day < $1.day }) {
      if let last = days.indices.last, days[last].day == flow.day {
        days[last].amount += flow.amount
      } else {
        days.append((flow.day, flow.amount))
      }
    }
    days.removeAll { $0.amount == 0 }
    guard days.count > 1, let first = days.first else { return nil }
    terms = days.map { ($0.amount, dayCount.years(from: first.day, to: $0.day)) }
    sum = days.reduce(0) { $0 + $1.amount }
    signChangeCount = zip(days, days.dropFirst()).count { ($0.amount < 0) != ($1.amount < 0) }
  }

  /// The rate of a continuous rate: e^u − 1, exact near 0.
  static func rate(_ u: Double) -> Double {
    abs(u) < 1e-5 ? u * (1 + u / 2 * (1 + u / 3)) : Elementary.exp(u) - 1
  }

  /// Whether the sign at an end of the range differs from the sign far beyond it.
  var hasRootBeyond: Bool {
    guard let first = terms.first, let last = terms.last else { return false }
    let low = sign(at: Self.range.lowerBound)
    let high = sign(at: Self.range.upperBound)
    return low * last.amount < 0 || high * first.amount < 0
  }

  private func sign(at u: Double) -> Double {
    // Scaled by a positive number, so that nothing overflows; what rounding may have made is 0
    let top = u < 0 ? -u * (terms.last?.time ?? 0) : 0
    var (value, size) = (0.0, 0.0)
    for term in terms {
      let part = term.amount * Elementary.exp(-u * term.time - top)
      value += part
      size += abs(part)
    }
    return abs(value) <= 5e-16 * size ? 0 : value > 0 ? 1 : -1
  }

  /// Every u in the range where the sign changes, ascending.
  func roots() -> [Double] {
    let (low, high) = (Self.range.lowerBound, Self.range.upperBound)
    let atEnds = (sign(at: low), sign(at: high))
    if signChangeCount == 1 {
      return atEnds.0 * atEnds.1 < 0 ? [refined(low, high)] : []
    }
    var found: [Double] = []
    // The last of the stack is the leftmost interval, so that roots come in order
    var stack = [(Double, Double)]()
    for edge in [high, 64, 16, 4, 1, 0.25, 0, -0.25, -1, -4, -16, low] {
      if let right = stack.last?.0 ?? (edge == high ? nil : high) { stack.append((edge, right)) }
    }
    var evaluations = 0
    while let (left, right) = stack.popLast(), evaluations < Self.evaluationLimit {
      evaluations += 1
      let (values, slopes) = bounds(left, right)
      if values.lowerBound > 0 || values.upperBound < 0 { continue }
      let isMonotone = slopes.lowerBound > 0 || slopes.upperBound < 0
      let isNarrow = right - left < 1e-13 * max(1, abs(left))
      if isMonotone || isNarrow {
        let (a, b) = (sign(at: left), sign(at: right))
        if b == 0 { continue }  // The interval to the right begins with it
        if a * b < 0 {
          found.append(refined(left, right))
        } else if a == 0, crosses(at: left), left - (found.last ?? -.infinity) > 1e-6 {
          found.append(left)
        }
        continue
      }
      let middle = left + (right - left) / 2
      stack.append((middle, right))
      stack.append((left, middle))
    }
    return found
  }

  private func crosses(at u: Double) -> Bool {
    let step = 1e-6 * max(1, abs(u))
    return sign(at: u - step) * sign(at: u + step) < 0
  }

  /// Bounds of f and of its slope over an interval, each scaled by its own positive number.
  ///
  /// Each is tightened by the mean value form around the middle. Times are counted from where the
  /// terms balance, which makes single terms flat; f times e^(cu) has the roots of f.
  private func bounds(_ left: Double, _ right: Double) -> (ClosedRange<Double>, ClosedRange<Double>)
  {
    let middle = left + (right - left) / 2
    let half = (right - left) / 2
    let top = max(-middle * (terms.last?.time ?? 0), 0)
    var (weight, moment) = (0.0, 0.0)
    let sizes = terms.map { $0.amount * Elementary.exp(-middle * $0.time - top) }
    for (size, term) in zip(sizes, terms) {
      weight += abs(size)
      moment += abs(size) * term.time
    }
    let centre = weight > 0 ? moment / weight : 0
    var (value, slope, curve) = (0.0, 0.0, 0.0)
    var (slopeSpread, curveSpread, curveMost) = (0.0, 0.0, 0.0)
    for (size, term) in zip(sizes, terms) {
      let lag = term.time - centre
      let growth = Elementary.exp(min(abs(lag) * half, 700))
      value += size
      slope -= size * lag
      curve += size * lag * lag
      slopeSpread += abs(size * lag) * growth
      curveSpread += abs(size * lag * lag * lag) * growth
      curveMost += abs(size) * lag * lag * growth
    }
    // f(u) = f(m) + f'(m)(u − m) + f''(ξ)(u − m)²/2, and the same one derivative up
    let rounding = 1e-15 * weight
    let valueReach = min(slopeSpread * half, abs(slope) * half + curveMost * half * half / 2)
    let slopeReach = min(curveMost * half, abs(curve) * half + curveSpread * half * half / 2)
    let values = (value - valueReach - rounding)...(value + valueReach + rounding)
    return (values, (slope - slopeReach)...(slope + slopeReach))
  }

  /// The root between two points of different sign, by bisection down to neighbours in number.
  private func refined(_ left: Double, _ right: Double) -> Double {
    var (low, high) = (left, right)
    let lowSign = sign(at: low)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      let here = sign(at: middle)
      if here == 0 { return middle }
      if here == lowSign { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}
