import ArgumentParser
import Engine
import FoundationEssentials
import Glibc
import Link
import Wire

/// Serves simulated venues.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Serve simulated venues and chains on this machine, until it is interrupted.",
    discussion: """
      Binance, Bitfinex, Coinbase, HTX and Kraken, an Esplora server and an Ethereum node, as their \
      documents describe them: signatures and nonces, limits and bans, pages, orders, streams. \
      An engine started with COFFER_SIMULATED=FILE reaches them instead of the real ones and says so. \
      Faults: PUT /simulator/faults at a venue's address.
      """)

  @Option(help: "Decides everything simulated.")
  var seed: UInt64 = 1
  @Option(help: "Accounts at each venue.")
  var accounts = 1
  @Option(help: "Events in the history of each account.")
  var events = 400
  @Option(help: "Days that the histories are long.")
  var days = 400
  @Option(help: "Seconds after which an engine reads everything of an account again; 0 as usual.")
  var pace = 0
  @Option(help: "The first port; the others follow. Default: free ones.")
  var port = 0
  @Option(help: "How fast the simulated clock runs.")
  var speed = 1.0
  @Option(help: "Quotes a second on the streams of each venue.")
  var quotes = 32.0
  @Option(
    help:
      "Write where the hosts are, and the accounts' keys, to this file; else to standard output.",
    completion: .file())
  var output: String?

  mutating func run() throws {
    var settings = Simulation.Settings()
    settings.seed = seed
    settings.accounts = max(1, min(accounts, 1_000))
    settings.events = max(0, min(events, 1_000_000))
    settings.days = Int64(max(1, min(days, 4_000)))
    settings.pace = Int64(max(0, min(pace, 86_400)))
    settings.port = port
    settings.speed = speed
    settings.quotes = quotes
    let text: String
    do { text = try Simulation.start(settings) } catch {
      throw CommandFailure(status: 1, "cannot serve: \(error)")
    }
    if let output {
      let file = open(EnginePlace.absolute(output), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw CommandFailure(status: 1, "cannot write \(output)") }
      let bytes = Array(text.utf8)
      _ = write(file, bytes, bytes.count)
      close(file)
    } else {
      standardOutput(Array(text.utf8))
    }
    while true { pause() }
  }
}

/// Where venues are simulated, as the environment says.
struct SimulatedHosts {
  /// Where a connection to a real host goes instead; empty where nothing is simulated.
  var redirects: [String: String] = [:]
  /// After how many seconds everything is read again; 0 for the usual times.
  var pace: Int64 = 0

  /// What is in `COFFER_SIMULATED`, a file that `coffer simulate` wrote.
  static func fromEnvironment() throws(Refusal) -> SimulatedHosts {
    guard let path = EnginePlace.environment("COFFER_SIMULATED"), !path.isEmpty else {
      return SimulatedHosts()
    }
    struct File: Decodable {
      let hosts: [String: String]
      let pace: Int64?
    }
    guard let data = try? Data(contentsOf: URL(filePath: path)),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else {
      throw Refusal(
        .notFound, "cannot read the simulated venues of \(path)",
        advice: "Write it anew: coffer simulate --output \(path)")
    }
    for (host, address) in file.hosts where !address.hasPrefix("http://127.0.0.1:") {
      throw Refusal(
        .forbidden, "\(path) sends \(host) to \(address)",
        advice: "Simulated venues are on 127.0.0.1 only.")
    }
    return SimulatedHosts(redirects: file.hosts, pace: file.pace ?? 0)
  }
}
