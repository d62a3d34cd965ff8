import Encodings
import Statistics

/// Why a case could not be run.
enum RiskCaseFault: Error {
  /// A file is not there or is no table.
  case unreadable(String)
  /// The case lacks something or says it in a way that is not known.
  case unclear(String)
  /// The case asks for what this version does not do.
  case notApplicable(String)
}

/// One case of the risk folder, with its files at hand.
struct RiskCase {
  let id: String
  let metric: String
  let definition: String
  let input: JSON
  let parameters: JSON
  let expected: JSON
  let relative: Double
  let absolute: Double
  let files: MarketFiles

  init(_ json: JSON, files: MarketFiles) {
    id = json["id"].string ?? "without a name"
    metric = json["metric"].string ?? ""
    definition = json["definition"].string ?? ""
    input = json["input"]
    parameters = json["params"]
    expected = json["expected"]
    relative = json["rtol"].double ?? 0
    absolute = json["atol"].double ?? 0
    self.files = files
  }

  /// How a value differs from the expected one.
  func differences(_ value: RiskValue) -> [String] {
    value.differences(from: expected, relative: relative, absolute: absolute)
  }

  /// How named values differ from the expected ones.
  func differences(_ table: [String: RiskValue]) -> [String] { differences(.table(table)) }

  /// A parameter that must be there.
  func number(_ name: String) throws(RiskCaseFault) -> Double {
    guard let value = parameters[name].double else { throw .unclear("no parameter \(name)") }
    return value
  }

  /// A whole parameter that must be there.
  func whole(_ name: String) throws(RiskCaseFault) -> Int {
    guard let value = Int(exactly: try number(name)) else { throw .unclear("\(name) is not whole") }
    return value
  }

  /// A number of the input that must be there.
  func given(_ name: String) throws(RiskCaseFault) -> Double {
    guard let value = input[name].double else { throw .unclear("no input \(name)") }
    return value
  }

  /// The file that the case names.
  func table() throws(RiskCaseFault) -> MarketFiles.Table {
    guard let path = input["csv"].string else { throw .unclear("no csv") }
    return try files.table(path)
  }

  /// The prices of a window of a file.
  ///
  /// The first column names the bars; `from` and `to`, or `from_ts` and `to_ts`, are both inside.
  /// Assets of `synthetic` have the price one on every bar.
  func prices(
    assets: [String]? = nil, from: String? = nil, to: String? = nil
  ) throws(RiskCaseFault) -> PriceHistory {
    let table = try table()
    guard let key = table.names.first, let bars = table.texts(key) else {
      throw .unreadable(input["csv"].string ?? "")
    }
    let names = assets ?? input["assets"].strings ?? Array(table.names.dropFirst())
    let first = from ?? input["from"].string ?? ""
    let last = to ?? input["to"].string ?? "~"
    let low = input["from_ts"].double ?? -.infinity
    let high = input["to_ts"].double ?? .infinity
    let isTimed = key == "ts"
    let kept = bars.indices.filter { place in
      if isTimed { return Double(bars[place]).map { $0 >= low && $0 <= high } ?? false }
      return bars[place] >= first && bars[place] <= last
    }
    var columns: [[Double?]] = []
    for name in names {
      if input["synthetic"][name].string != nil {
        columns.append([Double?](repeating: 1, count: kept.count))
      } else {
        guard let place = table.places[name] else { throw .unclear("no column \(name)") }
        columns.append(
          kept.map { place < table.rows[$0].count ? Double(table.rows[$0][place]) : nil })
      }
    }
    return PriceHistory(assets: names, bars: kept.map { String(bars[$0]) }, prices: columns)
  }

  var kind: ReturnKind { input["returns"].string.flatMap(ReturnKind.init) ?? .simple }

  func policy() throws(RiskCaseFault) -> MissingPolicy {
    guard let text = input["missing"].string else { return .none }
    guard let policy = MissingPolicy(rawValue: text) else { throw .unclear("missing \(text)") }
    return policy
  }

  func weights() throws(RiskCaseFault) -> [Double] {
    guard let weights = input["weights"].doubles else { throw .unclear("no weights") }
    return weights
  }

  /// The assets' returns without gaps.
  func returns() throws(RiskCaseFault) -> ReturnTable {
    guard let table = try prices().completeReturns(kind, try policy()) else {
      throw .unclear("the window has gaps")
    }
    return table
  }

  /// The portfolio's returns: a series that is given, or constant weights.
  func portfolio() throws(RiskCaseFault) -> (bars: [String], returns: [Double]) {
    if let series = input["series"].doubles {
      return (series.indices.map { String($0) }, series)
    }
    let found = try prices().portfolioReturns(weights: try weights(), kind, try policy())
    guard let found else { throw .unclear("the window has gaps") }
    return found
  }
}

extension JSON {
  /// A number.
  var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  /// Numbers alone.
  var doubles: [Double]? {
    guard case .array(let elements) = self else { return nil }
    let numbers = elements.compactMap(\.double)
    return numbers.count == elements.count ? numbers : nil
  }
  /// Texts alone.
  var strings: [String]? {
    guard case .array(let elements) = self else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }
}
