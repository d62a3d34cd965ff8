/// How far the course of the last values is from any course of the last thousand.
///
/// The mean Euclidean distance of the last 19 values to the 27 nearest of a thousand earlier runs
/// of 19 that do not overlap with them. Runs at a fixed distance slide together: of each squared
/// distance one term enters and one leaves, so that a value costs a thousand short steps instead of
/// nineteen thousand. One distance a value is computed anew, and each that lost nearly all of its
/// size, so that rounding stays bounded.
///
/// - Source: E. Burnaev, V. Ishimtsev, Conformalized density- and distance-based anomaly detection in
///   time-series data, 2016, arXiv:1608.04585 (lags and neighbours as in the benchmark's KNN CAD).
struct LagNovelty: Sendable, Kept {
  let lags: Int
  let runs: Int
  let nearest: Int
  /// The last values, oldest first, moved to the front when the room ends.
  private var values: [Double]
  private var end = 0
  private var seen = 0
  /// Squared distances to the run that began `lags + index` values before.
  private var squares: [Double]
  private var anchor = 0

  /// The smallest squared distances; room that is used anew for each value.
  private var least: [Double]

  /// How many values are taken in before those kept are moved to the front.
  private static let room = 256
  private var reach: Int { runs + 2 * lags }

  init(lags: Int = 19, runs: Int = 1000, nearest: Int = 27) {
    self.lags = max(lags, 1)
    self.nearest = max(nearest, 1)
    self.runs = max(runs, nearest)
    values = Array(repeating: 0, count: self.runs + 2 * self.lags + LagNovelty.room)
    least = Array(repeating: .infinity, count: self.nearest)
    squares = Array(repeating: 0, count: self.runs)
  }

  /// The bytes its arrays hold.
  var memoryBytes: Int { (values.count + squares.count + least.count) * 8 }

  /// The raw score, `nil` while there are too few runs.
  mutating func take(_ value: Double) -> Double? {
    push(value)
    let ready = min(max(seen - 2 * lags + 1, 0), runs)
    guard ready > 0 else { return nil }
    let old = min(max(seen - 2 * lags, 0), runs)
    slide(old)
    if ready > old { squares[old] = square(old) }
    anchor = anchor + 1 < ready ? anchor + 1 : 0
    squares[anchor] = square(anchor)
    guard ready >= nearest else { return nil }
    return meanNearest(ready)
  }

  private mutating func push(_ value: Double) {
    if end == values.count {
      let kept = reach
      for index in 0..<kept { values[index] = values[end - kept + index] }
      end = kept
    }
    values[end] = min(max(value, -1e100), 1e100)
    end += 1
    seen = min(seen + 1, 1 << 40)
  }

  /// The squared distance of the last run to the one `lags + index` values before, from scratch.
  private func square(_ index: Int) -> Double {
    let shift = lags + index
    var sum = 0.0
    for place in (end - lags)..<end {
      let difference = values[place] - values[place - shift]
      sum += difference * difference
    }
    return sum
  }

  /// Lets one term enter and one leave in each of the first squared distances.
  private mutating func slide(_ count: Int) {
    guard count > 0 else { return }
    let newest = end - 1
    let left = newest - lags
    precondition(left - lags - count + 1 >= 0 && count <= squares.count, "history enough")
    let (entering, leaving) = (values[newest], values[left])
    let lags = lags
    var isWorn = false
    unsafe values.withUnsafeBufferPointer { values in
      unsafe squares.withUnsafeMutableBufferPointer { squares in
        var worn = 0
        for index in 0..<count {
          let fresh = unsafe entering - values[newest - lags - index]
          let gone = unsafe leaving - values[left - lags - index]
          let lost = gone * gone
          let now = unsafe squares[index] + fresh * fresh - lost
          unsafe squares[index] = now
          worn |= now < lost * 1e-8 ? 1 : 0
        }
        isWorn = worn != 0
      }
    }
    guard isWorn else { return }
    for index in 0..<count {
      let gone = leaving - values[left - lags - index]
      if squares[index] < gone * gone * 1e-8 { squares[index] = square(index) }
    }
  }

  /// The mean of the smallest distances.
  private mutating func meanNearest(_ count: Int) -> Double {
    for place in 0..<nearest { least[place] = .infinity }
    let last = nearest - 1
    var bound = Double.infinity
    for index in 0..<count where squares[index] < bound {
      var place = last
      let square = squares[index]
      while place > 0, least[place - 1] > square {
        least[place] = least[place - 1]
        place -= 1
      }
      least[place] = square
      bound = least[last]
    }
    var sum = 0.0
    for square in least { sum += max(square, 0).squareRoot() }
    return sum / Double(nearest)
  }

  func write(to writer: inout StateWriter) {
    writer.put(lags)
    writer.put(runs)
    writer.put(nearest)
    writer.put(seen)
    writer.put(anchor)
    writer.put(Array(values[max(0, end - reach)..<end]))
    writer.put(squares)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    let lags = try reader.int(1...256)
    let runs = try reader.int(1...(1 << 16))
    let nearest = try reader.int(1...runs)
    self.init(lags: lags, runs: runs, nearest: nearest)
    seen = try reader.count()
    anchor = try reader.int(0...(runs - 1))
    let kept = try reader.doubles(0...reach)
    guard kept.count == min(seen, reach) else { throw reader.fault }
    values.replaceSubrange(0..<kept.count, with: kept)
    end = kept.count
    squares = try reader.doubles(runs...runs)
  }
}
