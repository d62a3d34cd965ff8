import Foundation

/// The Numenta Anomaly Benchmark's scoring: each window pays once, the more the earlier it is hit; each
/// alarm outside costs; one threshold for all files, the best for the profile.
///
/// Source: A. Lavin, S. Ahmad, Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly
/// Benchmark, 2015, arXiv:1510.03336, section II; weights of
/// https://github.com/numenta/NAB/blob/master/config/profiles.json.
struct NABScore {
  /// What a hit, a false alarm and a miss weigh.
  struct Profile {
    let name: String
    let hit: Double
    let falseAlarm: Double
    let miss: Double

    static let standard = Profile(name: "standard", hit: 1, falseAlarm: 0.11, miss: 1)
    static let lowFalseAlarms = Profile(name: "low FP", hit: 1, falseAlarm: 0.22, miss: 1)
    static let lowMisses = Profile(name: "low FN", hit: 1, falseAlarm: 0.11, miss: 2)
  }

  /// A scored row.
  struct Row {
    let score: Double
    /// The window it is in, by file and number.
    let window: Int?
    /// What an alarm is worth there before weights.
    let value: Double
  }

  /// What a threshold gives.
  struct Outcome {
    let threshold: Double
    let score: Double
    let hits: Int
    let falseAlarms: Int
  }

  private(set) var rows: [Row] = []
  private(set) var windows = 0
  private var scoredWindows: Set<Int> = []

  /// Adds a file: a score a row, and the windows as first and last row.
  mutating func add(_ scores: [Double], windows limits: [ClosedRange<Int>]) {
    let probation = min(Int(0.15 * Double(scores.count)), 750)
    let first = windows
    windows += limits.count
    var place = 0
    var last: ClosedRange<Int>?
    for (index, score) in scores.enumerated() {
      if place < limits.count, index > limits[place].upperBound {
        last = limits[place]
        place += 1
      }
      var window: Int?
      var value = -1.0
      if place < limits.count, limits[place].contains(index) {
        let limit = limits[place]
        let width = Double(limit.upperBound - limit.lowerBound + 1)
        window = first + place
        value = NABScore.shape(-Double(limit.upperBound - index + 1) / width) / NABScore.shape(-1)
      } else if let last {
        let width = Double(last.upperBound - last.lowerBound)
        value = NABScore.shape(Double(index - last.upperBound) / width)
      }
      guard index >= probation else { continue }
      if let window { scoredWindows.insert(window) }
      rows.append(Row(score: score, window: window, value: value))
    }
  }

  /// S(y) = 2/(1+e^(5y)) - 1, and -1 from three widths on.
  private static func shape(_ y: Double) -> Double { y > 3 ? -1 : 2 / (1 + exp(5 * y)) - 1 }

  /// The outcome at the best threshold; of equal ones at the highest.
  func best(_ profile: Profile) -> Outcome {
    sweep(profile).max { ($0.score, $0.threshold) < ($1.score, $1.threshold) }
      ?? Outcome(threshold: .infinity, score: 0, hits: 0, falseAlarms: 0)
  }

  /// The outcome at a threshold given beforehand.
  func outcome(_ profile: Profile, at threshold: Double) -> Outcome {
    sweep(profile).last { $0.threshold >= threshold }
      ?? Outcome(threshold: threshold, score: 0, hits: 0, falseAlarms: 0)
  }

  /// The outcomes at all thresholds, falling.
  private func sweep(_ profile: Profile) -> [Outcome] {
    let worst = -profile.miss * Double(scoredWindows.count)
    let perfect = profile.hit * Double(windows)
    var raw = worst
    var (hits, falseAlarms) = (0, 0)
    var best: [Int: Double] = [:]
    var outcomes: [Outcome] = []
    func tell(_ threshold: Double) {
      let score = perfect > worst ? 100 * (raw - worst) / (perfect - worst) : 0
      outcomes.append(
        Outcome(threshold: threshold, score: score, hits: hits, falseAlarms: falseAlarms))
    }
    var threshold = Double.infinity
    for row in rows.sorted(by: { $0.score > $1.score }) {
      if row.score != threshold {
        tell(threshold)
        threshold = row.score
      }
      guard let window = row.window else {
        raw += profile.falseAlarm * row.value
        falseAlarms += 1
        continue
      }
      if let earlier = best[window] {
        guard row.value > earlier else { continue }
        raw += profile.hit * (row.value - earlier)
      } else {
        hits += 1
        raw += profile.miss + max(-profile.miss, profile.hit * row.value)
      }
      best[window] = row.value
    }
    tell(threshold)
    return outcomes
  }
}
