internal import Statistics

/// Whether the mean of a stream changed: the window is cut where its halves differ too much.
///
/// Values between 0 and 1 in buckets whose sizes double, five of a size: O(log n) memory.
///
/// - Source: A. Bifet, R. Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007,
///   section 3 (the cut of theorem 3.2 with the variance in it).
public struct AdaptiveWindow: Sendable {
  private static let perSize = 5
  private static let every = 32
  private static let least = 10

  /// The probability of a false cut.
  public let delta: Double
  /// Sums, sums of squares and exponents of two of the buckets, oldest first.
  private var sums: [Double] = []
  private var squares: [Double] = []
  private var sizes: [Int] = []
  private var since = 0

  /// Makes an empty window.
  public init(delta: Double = 0.002) {
    self.delta = min(max(delta, 1e-12), 0.5)
  }

  /// The number of values in the window.
  public var count: Int { sizes.reduce(0, +) }

  /// The mean of the window, `nil` while it is empty.
  public var mean: Double? { count > 0 ? sums.reduce(0, +) / Double(count) : nil }

  /// Takes a value from 0 to 1.
  ///
  /// - Returns: Whether the mean changed; the window then holds what came after, and the same change
  ///   is not told twice.
  public mutating func take(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    let bounded = min(max(value, 0), 1)
    sums.append(bounded)
    squares.append(bounded * bounded)
    sizes.append(1)
    compress()
    since += 1
    guard since >= AdaptiveWindow.every else { return false }
    since = 0
    return cut()
  }

  /// Forgets everything.
  public mutating func reset() {
    self = AdaptiveWindow(delta: delta)
  }

  private mutating func compress() {
    var end = sizes.count
    while end > 0 {
      let size = sizes[end - 1]
      var start = end
      while start > 0, sizes[start - 1] == size { start -= 1 }
      guard end - start > AdaptiveWindow.perSize else { return }
      sizes[start] *= 2
      sums[start] += sums[start + 1]
      squares[start] += squares[start + 1]
      sizes.remove(at: start + 1)
      sums.remove(at: start + 1)
      squares.remove(at: start + 1)
      end = start + 1
    }
  }

  private mutating func cut() -> Bool {
    var hasChanged = false
    var isDone = false
    while !isDone {
      isDone = true
      let whole = Double(count)
      let total = sums.reduce(0, +)
      let variance = max(squares.reduce(0, +) / whole - (total / whole) * (total / whole), 0)
      let log = Elementary.log(2 * max(Elementary.log(whole), 1) / delta)
      var (before, sum) = (0.0, 0.0)
      for place in sizes.indices.dropLast() {
        before += Double(sizes[place])
        sum += sums[place]
        let after = whole - before
        guard before >= Double(AdaptiveWindow.least), after >= Double(AdaptiveWindow.least)
        else { continue }
        let harmonic = 1 / (1 / before + 1 / after)
        let bound = (2 / harmonic * variance * log).squareRoot() + 2 / (3 * harmonic) * log
        guard abs(sum / before - (total - sum) / after) > bound else { continue }
        let gone = place + 1
        sizes.removeFirst(gone)
        sums.removeFirst(gone)
        squares.removeFirst(gone)
        hasChanged = true
        isDone = sizes.count < 2
        break
      }
    }
    return hasChanged
  }
}

/// Whether the mean of a stream rose or fell: cumulated deviations to both sides.
///
/// The textbook's threshold rings on most stable streams; this one was set by simulation: for
/// independent standard normal values the mean time to a false alarm is above 20,000 values.
///
/// - Source: E. S. Page, Continuous inspection schemes, Biometrika 41, 1954; the run length is
///   simulated in the tests.
public struct PageHinkley: Sendable {
  /// Which way the mean went.
  public enum Change: Hashable, Sendable {
    /// Up.
    case rose
    /// Down.
    case fell
  }

  /// The deviation that is tolerated, in deviations of the values.
  static let tolerance = 0.25
  /// The threshold, in deviations of the values.
  static let threshold = 18.0
  private static let warmUp = 50

  private var mean = MovingMean(length: 1000)
  private var spread = MovingMean(length: 1000)
  private var up = 0.0
  private var down = 0.0

  /// Makes a test that has seen nothing.
  public init() {}

  /// Takes a value; after a change the test starts anew.
  public mutating func take(_ value: Double) -> Change? {
    guard value.isFinite else { return nil }
    let deviation = spread.mean.squareRoot()
    if mean.count >= PageHinkley.warmUp, deviation > 0 {
      let step = min(max((value - mean.mean) / deviation, -6), 6)
      up = max(0, up + step - PageHinkley.tolerance)
      down = max(0, down - step - PageHinkley.tolerance)
    }
    let off = value - mean.mean
    spread.take(off * off)
    mean.take(value)
    guard up > PageHinkley.threshold || down > PageHinkley.threshold else { return nil }
    let change: Change = up > down ? .rose : .fell
    self = PageHinkley()
    return change
  }
}

extension AdaptiveWindow: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(delta)
    writer.put(sums)
    writer.put(squares)
    writer.put(sizes.map { Double($0) })
    writer.put(since)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    delta = try reader.double()
    sums = try reader.doubles(0...400)
    squares = try reader.doubles(sums.count...sums.count)
    let counts = try reader.doubles(sums.count...sums.count)
    guard counts.allSatisfy({ $0 >= 1 && $0 <= 1e15 && $0 == $0.rounded() }), delta > 0 else {
      throw reader.fault
    }
    sizes = counts.map { Int($0) }
    since = try reader.int(0...AdaptiveWindow.every)
  }
}

extension PageHinkley: Kept {
  func write(to writer: inout StateWriter) {
    mean.write(to: &writer)
    spread.write(to: &writer)
    writer.put(up)
    writer.put(down)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    mean = try MovingMean(from: &reader)
    spread = try MovingMean(from: &reader)
    up = try reader.double()
    down = try reader.double()
  }
}
