import ArgumentParser

/// Measures what the product promises; every subcommand prints one table.
///
/// Absolute numbers belong to the machine they were taken on. What can be compared is measured side
/// by side in one run, in turns, and given as a ratio of medians.
@main
struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures speed, memory and bytes of Coffer's parts.",
    discussion: "Build it in release: swift run -c release bench import",
    subcommands: [
      ImportBench.self, CipherBench.self, OpenBench.self, KeysBench.self, SettleBench.self,
      IdleBench.self, SyncBench.self, CallsBench.self, StreamBench.self, LotsBench.self,
      AllocationBench.self, RiskBench.self, AnomalyBench.self, FiguresBench.self,
      QuotesBench.self, ReportBench.self, SocketBench.self,
    ])
}
