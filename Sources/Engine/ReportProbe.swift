package import Ledger
package import Portfolio
package import Prices
import Risk
import Wire

/// All that is told of a portfolio's risk, for measuring: the books, every method of loss, back-tests,
/// parts, stress, limits, exposure and correlation, as the commands print them.
package struct ReportProbe {
  private var desk: RiskDesk
  private let now: Instant

  /// Makes the books.
  ///
  /// - Parameters:
  ///   - settlement: What is held.
  ///   - window: The most bars that are looked back upon.
  ///   - venues: The ids of venues that have things in custody.
  ///   - now: When.
  ///   - days: The closed bars of an asset's days.
  package init(
    _ settlement: Settlement, window: Int, venues: Set<String>, at now: Instant,
    days: (AssetID) -> [PriceBar]
  ) {
    self.now = now
    var settings = RiskSettings()
    settings.window = window
    desk = RiskDesk(currency: settlement.currency, settings: settings, venues: venues)
    _ = desk.settled(settlement, changed: Array(settlement.settled), removed: [], at: now)
    desk.renew { asset, length in length == .day ? days(asset) : [] }
  }

  /// How many assets have returns, and how many of those.
  package var modelled: (assets: Int, returns: Int) {
    (desk.model?.grid.assets.count ?? 0, desk.model?.starts.count ?? 0)
  }

  /// Every report as JSON.
  package mutating func json() -> [[UInt8]] {
    let map = HeatmapKey(.pearson, 90)
    desk.studies.take(RiskTask.risk(desk.input(at: now)).run())
    desk.studies.take(RiskTask.heatmap(desk.input(at: now), map).run())
    let dimensions = ExposureReport.Dimension.allCases.map { Board.exposure + $0.rawValue }
    let boards =
      [Board.risk, Board.riskParts, Board.stress, Board.riskLimits, Board.backtests] + dimensions
      + [Board.heatmap, Board.radar].map { $0 + "pearson:90" }
    return boards.compactMap { desk.board($0, at: now)?.json }
  }
}
