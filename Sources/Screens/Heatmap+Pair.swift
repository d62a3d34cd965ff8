internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// One cell of the heat map in full.
extension ClientModel {
  /// Makes cells wider or narrower.
  mutating func zoom(_ word: String?) {
    let widths = HeatmapChoice.cells
    let index = widths.firstIndex(of: heatmap.cell) ?? 0
    switch word {
    case "in", nil: heatmap.cell = widths[min(index + 1, widths.count - 1)]
    case "out": heatmap.cell = widths[max(index - 1, 0)]
    case let word?:
      guard let width = Int(word), widths.contains(width) else {
        return say(.error, "zoom: in, out, or \(widths.map(String.init).joined(separator: ", "))")
      }
      heatmap.cell = width
    }
    draw()
  }

  /// Why cells cannot be made otherwise.
  func zoomObstacle(to word: String?) -> Obstacle? {
    if screen != .heatmap || !overlays.isEmpty { return .elsewhere("in the heat map") }
    switch word {
    case "in" where heatmap.cell == HeatmapChoice.cells.last:
      return .nothing("cells are as wide as they get")
    case "out" where heatmap.cell == HeatmapChoice.cells.first:
      return .nothing("cells are as narrow as they get")
    default: return nil
    }
  }

  /// Asks for all that is known of the pair under the cursor.
  mutating func openPair() {
    let board = heatmapBoard
    let places = [heatRow.index, heatColumn.index]
    guard places.allSatisfy({ board.rows.indices.contains($0) }) else { return }
    let assets = places.map { board.text($0, "asset") }
    guard isConnected, assets[0] != assets[1] else { return say(.info, pairText) }
    request(
      Request(
        "correlation",
        [
          "pair": assets.joined(separator: ","), "method": heatmap.measure,
          "window": "\(heatmap.window)",
        ]),
      PendingRequest(use: .pair(assets)))
  }

  /// Shows what the engine knows of a pair.
  mutating func take(pair assets: [String], _ report: Report) {
    guard assets.count == 2 else { return }
    let names = assets.map { heatName(of: $0) }
    var details = [Detail(name: "Assets", text: assets.joined(separator: "  with  "))]
    details += correlationDetails(report)
    details.append(Detail(name: "Radar", text: radarText(names)))
    details.append(Detail(name: "Weights", text: weightText(assets, names)))
    show(.details(title: names.joined(separator: " with "), details))
  }

  private func heatName(of asset: String) -> String {
    let board = heatmapBoard
    let row = board.rows.indices.first { board.text($0, "asset") == asset }
    let name = row.map { board.text($0, "name") } ?? AssetID(asset)?.ticker ?? asset
    return Sanitiser.line(name.shortened(to: 20))
  }

  private func correlationDetails(_ report: Report) -> [Detail] {
    func number(_ name: String, digits: Int = 2) -> String {
      ReportCell.statistic(report[name].number, digits: digits).plain
    }
    func word(_ name: String) -> String { Sanitiser.line(report[name].plain.shortened(to: 200)) }
    let refused = word("refused")
    if !refused.isEmpty { return [Detail(name: "Correlation", text: "? \(refused)")] }
    let (bars, window) = (word("bars"), word("window"))
    var details = [
      Detail(name: "Correlation", text: "\(number("correlation", digits: 3)) (\(word("method")))"),
      Detail(
        name: "95 of 100",
        text: report["low"].number == nil
          ? "? no interval" : "\(number("low")) to \(number("high")), by Fisher's z"),
      Detail(
        name: "Rests on",
        text: "\(word("sample")) returns of a window of \(window) \(bars), "
          + "\(word("from")) to \(word("to"))"),
    ]
    if report["before"].number == nil {
      let size = word("sample_before")
      details.append(Detail(name: "Before", text: "? \(size) returns before are too few"))
    } else {
      let change = report["change"].number ?? 0
      let sign = change < 0 ? "" : "+"
      details.append(
        Detail(
          name: "Before",
          text: "\(number("before")) over the \(word("sample_before")) \(bars) before: "
            + "\(sign)\(number("change")), by chance \(chance(report["probability"].number))"))
    }
    return details
  }

  /// A probability in words that small ones keep.
  private func chance(_ probability: Double?) -> String {
    guard let probability else { return Figures.unknown }
    if probability < 0.000_1 { return "under 0.01 %" }
    return "\(Decimals.percent(probability, digits: 2)) %"
  }

  private func radarText(_ names: [String]) -> String {
    let board = radarBoard
    let refused = Sanitiser.line(board["refused"].plain.shortened(to: 200))
    if boards[Board.radar + heatmap.name] == nil { return "? being computed" }
    if !refused.isEmpty { return "? refused: \(refused)" }
    let row = board.rows.indices.first { row in
      Set([board.text(row, "first"), board.text(row, "second")]) == Set(names)
    }
    let pairs = Sanitiser.line(board["pairs"].plain.shortened(to: 12))
    guard let row else { return "not among the \(board.rows.count) of \(pairs) pairs that changed" }
    let values = ["before", "now"].map {
      ReportCell.statistic(board.cell(row, $0).number, digits: 2).plain
    }
    return "! changed: \(values[0]) to \(values[1]) (ranks, last "
      + "\(Sanitiser.line(board["sample_now"].plain.shortened(to: 12))) against those before)"
  }

  private func weightText(_ assets: [String], _ names: [String]) -> String {
    zip(assets, names).map { asset, name in
      let value = AssetID(asset).flatMap { board?.row(of: $0)?.position.value }
      let weight = board?.weight(of: value)
      return "\(name) \(Figures.weight(weight)) %"
    }.joined(separator: ", ")
  }

  /// The pairs that changed, by the names of both.
  var changedPairs: Set<Set<String>> {
    let board = radarBoard
    return Set(board.rows.indices.map { [board.text($0, "first"), board.text($0, "second")] })
  }
}
