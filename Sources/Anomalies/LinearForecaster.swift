internal import Statistics

/// Forecasts the next value of a series from its last ones, learning with each.
///
/// Recursive least squares on the last values and a constant, with forgetting; what is learned is cut
/// off at four scales, so that an outlier moves the model little. Where rounding or a flat series
/// spoils the inverse it starts anew.
///
/// - Source: L. Ljung, System Identification, 2nd ed., 1999, section 11.2 (equations 11.12).
public struct LinearForecaster: Sendable {
  private static let clip = 4.0
  private static let start = 100.0
  private static let largest = 1e6

  /// How many values it looks at.
  public let order: Int
  /// Over how many values it forgets.
  public let memory: Double
  private var weights: [Double]
  private var inverse: [Double]
  private var lags: [Double] = []
  private var scale = MovingMean(length: 200)
  /// How many values were learned.
  public private(set) var count = 0

  /// Makes a forecaster that has seen nothing.
  public init(order: Int, memory: Double) {
    self.order = min(max(order, 1), 16)
    self.memory = max(memory, 20)
    weights = Array(repeating: 0, count: self.order + 1)
    inverse = LinearForecaster.diagonal(self.order + 1)
  }

  private static func diagonal(_ size: Int) -> [Double] {
    var matrix = [Double](repeating: 0, count: size * size)
    for place in 0..<size { matrix[place * size + place] = start }
    return matrix
  }

  /// The forecast of the next value, with the mean size of its errors; `nil` at first.
  public var forecast: (value: Double, error: Double)? {
    guard lags.count == order, count >= 4 * order else { return nil }
    return (predicted, scale.mean)
  }

  private var predicted: Double {
    var sum = weights[order]
    for place in 0..<order { sum += weights[place] * lags[place] }
    return sum
  }

  /// Learns a value, the newest.
  public mutating func learn(_ value: Double) {
    guard value.isFinite, abs(value) < 1e100 else { return }
    defer { push(value) }
    guard lags.count == order else { return }
    let error = value - predicted
    let bound = LinearForecaster.clip * scale.mean
    let isYoung = count < 8 * order || bound == 0
    let learned = isYoung ? error : min(max(error, -bound), bound)
    scale.take(isYoung ? abs(error) : min(abs(error), bound))
    update(learned)
    count = min(count + 1, 1 << 40)
  }

  private mutating func push(_ value: Double) {
    lags.insert(value, at: 0)
    if lags.count > order { lags.removeLast() }
  }

  private mutating func update(_ error: Double) {
    let size = order + 1
    let forgetting = 1 - 1 / memory
    let input = lags + [1]
    var gain = [Double](repeating: 0, count: size)
    for row in 0..<size {
      for column in 0..<size { gain[row] += inverse[row * size + column] * input[column] }
    }
    var power = forgetting
    for place in 0..<size { power += input[place] * gain[place] }
    guard power > 0, power.isFinite else { return restart() }
    for place in 0..<size { weights[place] += gain[place] / power * error }
    for row in 0..<size {
      for column in 0...row {
        let value = (inverse[row * size + column] - gain[row] * gain[column] / power) / forgetting
        inverse[row * size + column] = value
        inverse[column * size + row] = value
      }
    }
    // Without news the inverse grows without bound: forgetting then waits.
    for place in 0..<size {
      let value = inverse[place * size + place]
      guard value > 0, value < LinearForecaster.largest, weights[place].isFinite,
        abs(weights[place]) < 1e6
      else { return restart() }
    }
  }

  private mutating func restart() {
    let size = order + 1
    inverse = LinearForecaster.diagonal(size)
    if !weights.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) {
      weights = Array(repeating: 0, count: size)
    }
  }
}

extension LinearForecaster: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(order)
    writer.put(memory)
    writer.put(weights)
    writer.put(inverse)
    writer.put(lags)
    scale.write(to: &writer)
    writer.put(count)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    order = try reader.int(1...16)
    memory = try reader.double()
    let size = order + 1
    weights = try reader.doubles(size...size)
    inverse = try reader.doubles((size * size)...(size * size))
    lags = try reader.doubles(0...order)
    scale = try MovingMean(from: &reader)
    count = try reader.count()
    guard memory >= 20 else { throw reader.fault }
  }
}
