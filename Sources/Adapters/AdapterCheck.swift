import Encodings
import Glibc
public import Ledger
public import VenueKit

/// Tries an adapter as the engine would ask it, one page of each feed.
public struct AdapterCheck: Sendable {
  /// What came of one feed.
  public struct Finding: Sendable {
    /// The request's method.
    public var method: String
    /// How many rows were understood; `nil` where none were asked for.
    public var rows: Int?
    /// Whether there is another page.
    public var hasMore = false
    /// What is wrong, without a full stop.
    public var problems: [String] = []

    /// Whether it is right as far as was seen.
    public var isSound: Bool { problems.isEmpty }
  }

  /// The most problems of one feed that are told.
  public static let mostProblems = 5

  private let adapter: InstalledAdapter
  private let credentials: Credentials
  private let now: Instant
  private var findings: [Finding] = []
  private var markets: [Market] = []
  private var assets: [String] = []

  private init(_ adapter: InstalledAdapter, _ credentials: Credentials, at now: Instant) {
    self.adapter = adapter
    self.credentials = credentials
    self.now = now
  }

  /// Starts an adapter, greets it and asks it.
  ///
  /// - Parameters:
  ///   - adapter: The adapter.
  ///   - credentials: The account's secrets; `nil` only greets.
  ///   - now: What time it is: histories are asked for of the last year, or of as
  ///     much as one page may span.
  ///   - log: Takes what the program says on standard error.
  /// - Returns: One finding for the greeting and one for each feed.
  public static func run(
    _ adapter: InstalledAdapter, credentials: Credentials?, at now: Instant,
    log: @escaping @Sendable (String) -> Void
  ) -> [Finding] {
    ignoreBrokenPipes()
    let stop = Stop()
    var hello = Finding(method: "hello")
    do throws(AdapterFault) {
      let child = try AdapterChild(adapter, log: log)
      defer { child.end() }
      try child.greet(adapter.manifest, stop: stop)
      guard let credentials else { return [hello] }
      var check = AdapterCheck(adapter, credentials, at: now)
      check.findings = [hello]
      check.askAll(child, stop)
      return check.findings
    } catch {
      hello.problems = ["\(error)"]
      return [hello]
    }
  }

  private mutating func askAll(_ child: AdapterChild, _ stop: Stop) {
    let feeds = adapter.venue.feeds
    if let rights = feeds.rights { _ = ask(rights, "rights", child, stop) }
    for feed in feeds.markets { markets += ask(feed, "markets", child, stop) }
    for feed in feeds.balances { assets += ask(feed, "balances", child, stop).map(\.asset) }
    for feed in feeds.fills {
      // What names no known market cannot be booked.
      for fill in ask(feed, "fills", child, stop)
      where MarketTable(markets).market(fill.market) == nil {
        note("fill \(fill.id): the market \(fill.market) is not among the markets")
      }
    }
    for feed in feeds.deposits { _ = ask(feed, "deposits", child, stop) }
    for feed in feeds.withdrawals { _ = ask(feed, "withdrawals", child, stop) }
    for feed in feeds.statement { _ = ask(feed, "statement", child, stop) }
    for feed in feeds.positions { _ = ask(feed, "positions", child, stop) }
    for feed in feeds.tickers { _ = ask(feed, "tickers", child, stop) }
  }

  private mutating func ask<Row>(
    _ feed: Feed<Row>, _ method: String, _ child: AdapterChild, _ stop: Stop
  ) -> [Row] {
    findings.append(Finding(method: method))
    var ask = Ask(markets: MarketTable(markets), now: now)
    let reach = min(feed.paging.window ?? .max, feed.paging.lookBack ?? 365 * Paging.day)
    ask.from = now.advanced(bySeconds: -Int64(reach))
    ask.to = now
    ask.market = markets.first
    ask.asset = assets.first
    var rows: [Row] = []
    do throws(VenueFault) {
      for call in try feed.calls(ask) { rows += try read(feed, ask, call, child, stop) }
      findings[findings.count - 1].rows = rows.count
    } catch {
      note("\(error)")
    }
    return rows
  }

  private mutating func read<Row>(
    _ feed: Feed<Row>, _ ask: Ask, _ call: Call, _ child: AdapterChild, _ stop: Stop
  ) throws(VenueFault) -> [Row] {
    let isOpen = call.surface == "adapter.open"
    let line: [UInt8]
    do throws(AdapterFault) {
      line = try child.ask(
        call, isOpen ? nil : credentials, adapter.manifest.credentials, stop: stop)
    } catch {
      throw error.venueFault
    }
    let answer = try adapter.venue.answer(ask, call, IncomingAnswer(status: 200, body: line))
    var rows: [Row] = []
    for node in try feed.rows(answer) {
      do throws(VenueFault) {
        if let row = try feed.row(node, ask) { rows.append(row) }
      } catch {
        note("\(error)")
      }
    }
    if try feed.next(answer) != nil { findings[findings.count - 1].hasMore = true }
    return rows
  }

  private mutating func note(_ problem: String) {
    guard let last = findings.indices.last,
      findings[last].problems.count < AdapterCheck.mostProblems
    else { return }
    findings[last].problems.append(problem)
  }
}

/// Lets a write into a pipe that nobody reads fail instead of ending this thread's process.
func ignoreBrokenPipes() {
  var broken = sigset_t()
  sigemptyset(&broken)
  sigaddset(&broken, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &broken, nil)
}
