import Amounts
import Ledger
import Risk
import Wire

/// What a request asks about risk or correlation.
struct RiskAsk {
  /// How it is answered.
  enum Way {
    case report(Report)
    case compute(RiskQuestion)
  }

  let way: Way

  /// Reads a request.
  ///
  /// - Throws: A refusal that says which argument is wrong.
  init(
    _ request: Request, _ desk: RiskDesk, volumes: [AssetID: Fixed] = [:], at now: Instant
  ) throws(Refusal) {
    let arguments = request.arguments
    if request.verb == "correlation" {
      way = .compute(try RiskAsk.correlation(arguments))
      return
    }
    if let text = arguments["stress"] {
      way = .report(try RiskAsk.stress(text, spreads: arguments["spread"] == "yes", desk, now))
      return
    }
    if let word = arguments["by"] {
      guard ExposureReport.Dimension(rawValue: word) != nil else {
        let known = ExposureReport.Dimension.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(.usage, "by wants one of \(known)")
      }
      way = .report(desk.board(Board.exposure + word, at: now) ?? Report())
      return
    }
    switch arguments["view"] {
    case "parts": way = .report(desk.board(Board.riskParts, at: now, volumes: volumes) ?? Report())
    case "stress": way = .report(desk.board(Board.stress, at: now) ?? Report())
    case "limits": way = .report(desk.board(Board.riskLimits, at: now) ?? Report())
    case "backtests": way = .compute(.backtests)
    case nil: way = .compute(try RiskAsk.figures(arguments))
    default: throw Refusal(.usage, "view wants parts, stress, limits or backtests")
    }
  }

  private static func figures(_ arguments: [String: String]) throws(Refusal) -> RiskQuestion {
    var confidences = [0.95, 0.99]
    if let text = arguments["confidence"] {
      guard let number = Double(text), number.isFinite else {
        throw Refusal(.usage, "confidence wants a number such as 99 or 0.975")
      }
      let confidence = number > 1 ? number / 100 : number
      guard confidence > 0.5, confidence < 1 else {
        throw Refusal(.usage, "confidence wants a number from 50 to 100, both excluded")
      }
      confidences = [confidence]
    }
    var horizons = [1, 10]
    if let text = arguments["horizon"] {
      guard let days = Int(text), (1...365).contains(days) else {
        throw Refusal(.usage, "horizon wants days, from 1 to 365")
      }
      horizons = [days]
    }
    var methods = RiskMethod.allCases
    if let word = arguments["method"] {
      guard let method = RiskMethod(rawValue: word) else {
        let known = RiskMethod.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(.usage, "method wants one of \(known)")
      }
      methods = [method]
    }
    return .figures(confidences: confidences, horizons: horizons, methods: methods)
  }

  private static func correlation(_ arguments: [String: String]) throws(Refusal) -> RiskQuestion {
    let word = arguments["method"] ?? CorrelationMeasure.pearson.rawValue
    guard let measure = CorrelationMeasure(rawValue: word) else {
      throw Refusal(.usage, "method wants pearson, spearman or kendall")
    }
    guard let window = Int(arguments["window"] ?? "90"), HeatmapKey.windows.contains(window) else {
      throw Refusal(.usage, "window wants a number of bars from 20 to 1000")
    }
    let key = HeatmapKey(measure, window)
    if let text = arguments["pair"] { return .pair(try RiskAsk.pair(text), key) }
    switch arguments["view"] {
    case nil: return .heatmap(key)
    case "breaks": return .radar(key)
    default: throw Refusal(.usage, "view wants breaks")
    }
  }

  /// Two identities, parted by a comma.
  private static func pair(_ text: String) throws(Refusal) -> PairStudy.Pair {
    let assets = text.split(separator: ",").map { AssetID(String($0)) }
    guard assets.count == 2, let first = assets[0], let second = assets[1], first != second else {
      throw Refusal(
        .usage, "pair wants two identities, parted by a comma",
        advice: "For example native:bitcoin,native:ethereum; coffer positions shows them.")
    }
    return PairStudy.Pair(first: first, second: second)
  }

  /// A named crash, `all` of them, or `BTC=-30%,ETH=-40%`.
  private static func stress(
    _ text: String, spreads: Bool, _ desk: RiskDesk, _ now: Instant
  ) throws(Refusal) -> Report {
    if text == "all" { return desk.board(Board.stress, at: now) ?? Report() }
    if text.contains("=") {
      var changes: [String: Double] = [:]
      for part in text.split(separator: ",") {
        let words = part.split(separator: "=", maxSplits: 1)
        guard words.count == 2, let change = RiskLimits.share(words[1]), change >= -1,
          change <= 100
        else { throw Refusal(.usage, "stress wants ASSET=-30%,ASSET=10%; * is all others") }
        changes[words[0].uppercased()] = change
      }
      return desk.supposed(changes, spreads: spreads)
    }
    var report = desk.board(Board.stress, at: now) ?? Report()
    report.rows.removeAll { row in row.first != .text(text) }
    guard !report.rows.isEmpty else {
      throw Refusal(
        .notFound, "there is no stress \(text.prefix(40))", advice: "Run: coffer risk --stress all")
    }
    return report
  }
}
