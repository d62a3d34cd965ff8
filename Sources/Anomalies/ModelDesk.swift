internal import Statistics

/// A forecaster that is in charge and one that would like to be, scoring the same series.
///
/// The challenger scores in shadow. After two weeks it takes over where it alarms no more often, gives
/// ordinary values a better likelihood, missed no alarm that was confirmed and rang for no more that
/// were dismissed; else another challenger tries. The one that was in charge is kept for going back.
/// Where the champion's scores drift, a challenger with a short memory starts at once. Nothing is
/// learned from values inside a confirmed incident or of a doubtful feed.
public struct ModelDesk: Sendable {
  /// What happened to the models.
  public enum Event: Hashable, Sendable {
    /// The challenger took over; the version in charge.
    case promoted(Int)
    /// The challenger failed; another tries.
    case rejected
    /// The champion's scores drifted.
    case drifted
  }

  /// What the champion says of a value.
  public struct Reading: Hashable, Sendable {
    /// What it expected.
    public let forecast: Double
    /// The mean size of its errors.
    public let error: Double
    /// -log₁₀ of how often it is so wrong.
    public let surprise: Double
    /// What happened to the models.
    public let event: Event?
  }

  /// How long a challenger is on trial, in seconds.
  public static let trial: Int64 = 14 * 86_400
  private static let leastPoints = 200
  private static let alarm = 3.0
  /// Orders and memories of challengers, in turn.
  private static let variants: [(order: Int, memory: Double)] = [
    (2, 500), (5, 2000), (3, 200), (8, 2000), (5, 500),
  ]

  struct Contender: Sendable, Kept {
    var forecaster: LinearForecaster
    var calibrator = TailCalibrator(window: 500)
    var alarms = 0
    var points = 0
    var likelihood = 0.0
    var missed = 0
    var dismissed = 0
    var surprise = 0.0

    init(_ variant: Int) {
      let kinds = ModelDesk.variants
      let kind = kinds[((variant % kinds.count) + kinds.count) % kinds.count]
      forecaster = LinearForecaster(order: kind.order, memory: kind.memory)
    }

    /// Scores a value, then learns it.
    mutating func take(_ value: Double, learns: Bool) {
      surprise = 0
      if let (forecast, error) = forecaster.forecast, error > 0 {
        let off = abs(value - forecast) / error
        surprise = calibrator.take(off, learns: learns)
        if surprise >= ModelDesk.alarm { alarms += 1 }
        if learns, surprise < ModelDesk.alarm {
          // Errors as Laplace's distribution has them.
          likelihood -= off + Elementary.log(2 * error)
          points += 1
        }
      }
      if learns { forecaster.learn(value) }
    }

    mutating func beginTrial() {
      (alarms, points, likelihood, missed, dismissed) = (0, 0, 0, 0, 0)
    }

    func write(to writer: inout StateWriter) {
      forecaster.write(to: &writer)
      calibrator.write(to: &writer)
      for number in [alarms, points, missed, dismissed] { writer.put(number) }
      writer.put(likelihood)
      writer.put(surprise)
    }

    init(from reader: inout StateReader) throws(StateFault) {
      forecaster = try LinearForecaster(from: &reader)
      calibrator = try TailCalibrator(from: &reader)
      alarms = try reader.count()
      points = try reader.count()
      missed = try reader.count()
      dismissed = try reader.count()
      likelihood = try reader.double()
      surprise = try reader.double()
    }
  }

  private struct Moment: Sendable {
    let seconds: Int64
    let champion: Double
    let challenger: Double
  }

  /// The name of the model.
  public let name: String
  private var champion = Contender(0)
  private var challenger = Contender(1)
  private var previous: LinearForecaster?
  private var variant = 1
  /// The version in charge: one more with each promotion and each way back.
  public private(set) var version = 1
  private var trainedFrom: Int64?
  private var trialFrom: Int64?
  private var last: Int64 = 0
  private var window = AdaptiveWindow()
  private var cumulated = PageHinkley()
  private var recent: [Moment] = []
  /// How often the scores drifted.
  public private(set) var driftCount = 0

  /// Makes a desk whose models have seen nothing.
  public init(name: String) {
    self.name = name
  }

  /// Scores a value by the champion, the challenger beside it, and learns.
  public mutating func take(_ value: Double, at seconds: Int64, learns: Bool = true) -> Reading? {
    guard value.isFinite else { return nil }
    if trainedFrom == nil { trainedFrom = seconds }
    let from = trialFrom ?? seconds
    trialFrom = from
    last = seconds
    let expected = champion.forecaster.forecast
    champion.take(value, learns: learns)
    challenger.take(value, learns: learns)
    recent.append(
      Moment(seconds: seconds, champion: champion.surprise, challenger: challenger.surprise))
    if recent.count > 64 { recent.removeFirst() }
    var event = seconds - from >= ModelDesk.trial ? endTrial(seconds) : nil
    if learns, let expected, hasDrifted(value, expected), event == nil {
      event = .drifted
      driftCount += 1
      variant = 2
      challenger = Contender(variant)
      champion.beginTrial()
      trialFrom = seconds
    }
    guard let expected else { return nil }
    return Reading(
      forecast: expected.value, error: expected.error, surprise: champion.surprise, event: event)
  }

  private mutating func hasDrifted(_ value: Double, _ expected: (value: Double, error: Double))
    -> Bool
  {
    guard expected.error > 0 else { return false }
    // Shares for the window, signed errors in scales for the cumulated test.
    let off = (value - expected.value) / expected.error
    let isCut = window.take(min(champion.surprise / 4, 1))
    let change = cumulated.take(min(max(off, -6), 6))
    guard isCut || change != nil else { return false }
    window.reset()
    cumulated = PageHinkley()
    return true
  }

  private mutating func endTrial(_ seconds: Int64) -> Event? {
    guard champion.points >= ModelDesk.leastPoints, challenger.points >= ModelDesk.leastPoints
    else { return nil }
    let own = champion.likelihood / Double(champion.points)
    let other = challenger.likelihood / Double(challenger.points)
    let ownRate = Double(champion.alarms + 1) / Double(champion.points)
    let otherRate = Double(challenger.alarms) / Double(challenger.points)
    let isBetter =
      other > own && otherRate <= ownRate && challenger.missed == 0
      && challenger.dismissed <= champion.dismissed
    trialFrom = seconds
    variant += 1
    guard isBetter else {
      challenger = Contender(variant)
      champion.beginTrial()
      return .rejected
    }
    previous = champion.forecaster
    champion = challenger
    champion.beginTrial()
    challenger = Contender(variant)
    version += 1
    return .promoted(version)
  }

  /// The forecast of the next value by the model in charge.
  public var forecast: (value: Double, error: Double)? { champion.forecaster.forecast }

  /// Puts the model back in charge that was before the last promotion.
  ///
  /// - Returns: Whether there was one.
  public mutating func rollBack() -> Bool {
    guard let previous else { return false }
    champion.forecaster = previous
    champion.beginTrial()
    self.previous = nil
    version += 1
    return true
  }

  /// What the user said of an alarm at a time: counted for both.
  public mutating func learn(_ verdict: AnomalyVerdict, at seconds: Int64) {
    guard let moment = recent.min(by: { abs($0.seconds - seconds) < abs($1.seconds - seconds) })
    else { return }
    let rang = 2.0
    switch verdict {
    case .open: return
    case .confirmed:
      if moment.champion >= rang, moment.challenger < rang { challenger.missed += 1 }
    case .dismissed:
      if moment.champion >= ModelDesk.alarm { champion.dismissed += 1 }
      if moment.challenger >= ModelDesk.alarm { challenger.dismissed += 1 }
    }
  }

  /// Which model is in charge.
  public var stamp: ModelStamp {
    var writer = StateWriter()
    champion.forecaster.write(to: &writer)
    return ModelStamp(
      name: name, version: version, trainedFrom: trainedFrom ?? 0, trainedTo: last,
      hash: ModelFile.hash(writer.bytes))
  }

  /// The model in charge as a file.
  public var file: ModelFile {
    var writer = StateWriter()
    champion.forecaster.write(to: &writer)
    return ModelFile(stamp: stamp, state: writer.bytes)
  }

  /// Puts the model of a file in charge; the one that was is kept for going back.
  ///
  /// - Throws: `StateFault` where the file is not such a model.
  public mutating func install(_ file: ModelFile) throws(StateFault) {
    var reader = StateReader(file.state)
    let forecaster = try LinearForecaster(from: &reader)
    try reader.end()
    previous = champion.forecaster
    champion.forecaster = forecaster
    champion.beginTrial()
    version = max(version, file.stamp.version) + 1
  }
}

extension ModelDesk: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(name)
    champion.write(to: &writer)
    challenger.write(to: &writer)
    writer.put(previous != nil)
    previous?.write(to: &writer)
    writer.put(variant)
    writer.put(version)
    writer.put(trainedFrom.map { Int($0) })
    writer.put(trialFrom.map { Int($0) })
    writer.put(Int(last))
    window.write(to: &writer)
    cumulated.write(to: &writer)
    writer.put(recent.count)
    for moment in recent {
      writer.put(Int(moment.seconds))
      writer.put(moment.champion)
      writer.put(moment.challenger)
    }
    writer.put(driftCount)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    name = try reader.text()
    champion = try Contender(from: &reader)
    challenger = try Contender(from: &reader)
    previous = try reader.bool() ? try LinearForecaster(from: &reader) : nil
    variant = try reader.count()
    version = try reader.count()
    trainedFrom = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
    trialFrom = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
    last = Int64(try reader.int(Int.min...Int.max))
    window = try AdaptiveWindow(from: &reader)
    cumulated = try PageHinkley(from: &reader)
    for _ in 0..<(try reader.int(0...64)) {
      let seconds = Int64(try reader.int(Int.min...Int.max))
      let own = try reader.double()
      recent.append(Moment(seconds: seconds, champion: own, challenger: try reader.double()))
    }
    driftCount = try reader.count()
  }
}
