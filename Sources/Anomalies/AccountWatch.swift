/// Something that happened in an account.
public enum AccountEvent: Hashable, Sendable {
  /// An order was filled.
  case fill(asset: String, value: Double, isOurs: Bool)
  /// Something was withdrawn to an address.
  case withdrawal(asset: String, value: Double, address: String, isOurs: Bool)
  /// The venue reports what should be there, and what is.
  case balance(asset: String, expected: Double, reported: Double)
}

/// The activity of one account: who caused it, where it goes, when and how much.
///
/// What we did not cause is an alarm by rule, whatever the statistics say. Values are in the book's
/// currency, in floating point: they are compared, never booked.
struct AccountWatch: Sendable, Kept {
  /// What an event showed.
  struct Sight: Hashable, Sendable {
    let kind: AnomalyKind
    let severity: AnomalySeverity
    let asset: String
    let evidence: Evidence
  }

  private static let mostAddresses = 1000
  private static let leastEvents = 50
  private static let rareHour = 0.005
  static let leastDrop = 0.005
  static let criticalDrop = 0.05

  private var addresses: Set<String> = []
  private var hours = [Double](repeating: 0, count: 24)
  private var events = 0.0
  private var amounts = TailCalibrator(window: 500, shape: .pareto)
  private var largest = 0.0
  private var count = 0
  private var short: Set<String> = []

  init() {}

  /// Whether something was sent to an address before.
  func knows(_ address: String) -> Bool { addresses.contains(address) }

  /// Takes an address as known.
  mutating func learn(_ address: String) {
    if addresses.count < AccountWatch.mostAddresses { addresses.insert(address) }
  }

  mutating func take(_ event: AccountEvent, at seconds: Int64) -> [Sight] {
    switch event {
    case .fill(let asset, let value, let isOurs):
      var found: [Sight] = []
      if !isOurs { found.append(rule(.foreignFill, .critical, asset, value)) }
      found += habits(asset, value, seconds, learns: isOurs)
      return found
    case .withdrawal(let asset, let value, let address, let isOurs):
      var found: [Sight] = []
      if !isOurs { found.append(rule(.foreignWithdrawal, .critical, asset, value)) }
      if !address.isEmpty, !knows(address) {
        found.append(rule(.newAddress, isOurs ? .warning : .critical, asset, value))
        // An address becomes known by our own use only.
        if isOurs { learn(address) }
      }
      found += habits(asset, value, seconds, learns: isOurs)
      return found
    case .balance(let asset, let expected, let reported):
      return balance(asset, expected, reported)
    }
  }

  private func rule(
    _ kind: AnomalyKind, _ severity: AnomalySeverity, _ asset: String, _ value: Double
  ) -> Sight {
    let seen = value.isFinite ? value : 0
    return Sight(
      kind: kind, severity: severity, asset: asset,
      evidence: Evidence(.rule, observed: seen, unit: .amount, sampleSize: count))
  }

  /// The hour and the amount against the account's own past.
  private mutating func habits(
    _ asset: String, _ value: Double, _ seconds: Int64, learns: Bool
  ) -> [Sight] {
    var found: [Sight] = []
    let rest = seconds % 86_400
    let hour = Int((rest < 0 ? rest + 86_400 : rest) / 3600)
    let near = hours[hour] + hours[(hour + 1) % 24] / 2 + hours[(hour + 23) % 24] / 2
    let share = (near + 0.5) / (events * 2 + 12)
    if events >= Double(AccountWatch.leastEvents), share < AccountWatch.rareHour {
      found.append(
        Sight(
          kind: .oddHour, severity: .notice, asset: asset,
          evidence: Evidence(
            .hour, observed: Double(hour), unit: .hour, surprise: -share.log10,
            sampleSize: Int(events))))
    }
    if value.isFinite, value > 0 {
      let surprise = amounts.surprise(of: value)
      let isFar = count >= 10 && value >= 10 * largest
      if surprise >= 4 || isFar {
        found.append(
          Sight(
            kind: .unusualAmount, severity: .warning, asset: asset,
            evidence: Evidence(
              .amount, observed: value, low: 0,
              high: amounts.raw(atSurprise: 4) ?? largest, unit: .amount, direction: .up,
              surprise: surprise, sampleSize: count)))
      }
      if learns {
        _ = amounts.take(value)
        largest = max(largest, value)
        count = min(count + 1, 1 << 40)
      }
    }
    if learns {
      // Habits change: what is a thousand events old hardly counts.
      for place in 0..<24 { hours[place] *= 0.999 }
      events = events * 0.999 + 1
      hours[hour] += 1
    }
    return found
  }

  /// What is missing, once until it is back.
  private mutating func balance(_ asset: String, _ expected: Double, _ reported: Double)
    -> [Sight]
  {
    guard expected.isFinite, reported.isFinite, expected > 0 else { return [] }
    let missing = (expected - reported) / expected
    guard missing >= AccountWatch.leastDrop else {
      short.remove(asset)
      return []
    }
    guard short.count < AccountWatch.mostAddresses, short.insert(asset).inserted else { return [] }
    return [
      Sight(
        kind: .balanceDrop, severity: missing >= AccountWatch.criticalDrop ? .critical : .warning,
        asset: asset,
        evidence: Evidence(
          .rule, observed: -missing, low: -AccountWatch.leastDrop, high: 0, unit: .fraction,
          direction: .down))
    ]
  }

  func write(to writer: inout StateWriter) {
    writer.put(addresses.count)
    for address in addresses.sorted() { writer.put(address) }
    writer.put(hours)
    writer.put(events)
    amounts.write(to: &writer)
    writer.put(largest)
    writer.put(count)
    writer.put(short.count)
    for asset in short.sorted() { writer.put(asset) }
  }

  init(from reader: inout StateReader) throws(StateFault) {
    for _ in 0..<(try reader.int(0...AccountWatch.mostAddresses)) {
      addresses.insert(try reader.text())
    }
    hours = try reader.doubles(24...24)
    events = try reader.double()
    amounts = try TailCalibrator(from: &reader)
    largest = try reader.double()
    count = try reader.count()
    for _ in 0..<(try reader.int(0...AccountWatch.mostAddresses)) {
      short.insert(try reader.text())
    }
    guard events >= 0 else { throw reader.fault }
  }
}
