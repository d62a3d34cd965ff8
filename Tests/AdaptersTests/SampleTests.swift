import Adapters
import Amounts
import Encodings
import Foundation
import Ledger
import Sync
import Testing
import VenueKit

/// The sample adapter, from its program to the batches that the vault would store.
@Suite struct SampleAdapter {
  static let key = Credentials(key: "sample-key", secret: "sample-secret")

  @Test func `the check finds the sample sound, feed by feed`() throws {
    let place = try Place.sample()
    defer { withExtendedLifetime(place) {} }
    let adapter = try AdapterLibrary.adapter(at: place.path)
    // The sample's books are of the first days of 2025.
    let findings = AdapterCheck.run(adapter, credentials: SampleAdapter.key, at: now) { _ in }
    let told = findings.map { finding in
      "\(finding.method) \(finding.rows ?? -1) \(finding.hasMore)"
        + finding.problems.map { " " + $0 }.joined()
    }
    #expect(
      told == [
        "hello -1 false", "rights 1 false", "markets 2 false", "balances 3 false",
        "fills 2 true", "deposits 1 false", "withdrawals 1 false", "statement 2 false",
        "tickers 2 false",
      ])
  }

  @Test func `the check only greets where there is no key, and tells a wrong key`() throws {
    let place = try Place.sample()
    defer { withExtendedLifetime(place) {} }
    let adapter = try AdapterLibrary.adapter(at: place.path)
    let dry = AdapterCheck.run(adapter, credentials: nil, at: now) { _ in }
    #expect(dry.map(\.method) == ["hello"])
    let isSound = dry.allSatisfy(\.isSound)
    #expect(isSound)
    let wrong = AdapterCheck.run(
      adapter, credentials: Credentials(key: "k", secret: "s"), at: now
    ) { _ in }
    let balances = wrong.first { $0.method == "balances" }
    #expect(balances?.problems == ["refused (auth) auth: this key is not known"])
    // What needs no key is answered all the same.
    #expect(wrong.first { $0.method == "markets" }?.rows == 2)
  }

  @Test func `what the sync machine books adds up to the balances it was told`() async throws {
    let place = try Place.sample()
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let account = AccountID(named: "sample")
    var run = Run(process: process, account: account)
    var settings = SyncSettings()
    settings.start = Instant(seconds: 1_735_600_000)
    try await run.go(
      .added(AccountSetup(account: account, venue: process.adapter.venue, settings: settings)))

    let told = Dictionary(
      run.balances.map { ($0.asset, $0.total?.text ?? "") }, uniquingKeysWith: { first, _ in first }
    )
    #expect(told == ["XBTC": "0.999", "ETH": "2.000000000000000001", "EUR": "18490.1"])
    #expect(run.refused.isEmpty)
    #expect(run.unread.isEmpty)
    // By hand: 115000 - 45000 - 45 - 45005 - 45.005 - 6401 - 23.895 + 10 = 18490.1 EUR.
    // Entries have the common code, by the manifest's aliases.
    #expect(run.sums["BTC"] == "0.999")
    #expect(run.sums["ETH"] == "2.000000000000000001")
    #expect(run.sums["EUR"] == "18490.1")
    #expect(
      run.kinds == [
        "deposit", "fee", "interest", "staking", "trade", "trade", "trade", "withdrawal",
      ])
  }
}

/// The sync machine with a real program behind it and no clock but the events' own.
struct Run {
  let process: AdapterProcess
  let account: AccountID
  var machine = SyncMachine(seed: 7)
  var time = now
  var entries: [EntryIdentity: SyncEntry] = [:]
  var balances: [Balance] = []
  var refused: [SyncRefusal] = []
  var unread: [String] = []
  private var calls = 0

  init(process: AdapterProcess, account: AccountID) {
    self.process = process
    self.account = account
  }

  /// Goes on until balances and history are there.
  mutating func go(_ event: SyncEvent) async throws {
    var waiting = machine.handle(event, at: time)
    var wakes: Instant?
    while calls < 300 {
      guard !waiting.isEmpty else {
        let status = machine.status(of: account, at: time)
        if status?.isBalanceComplete == true, status?.fraction == 1 { return }
        guard let due = wakes else { return }
        time = max(time, due)
        wakes = nil
        waiting = machine.handle(.tick, at: time)
        calls += 1
        continue
      }
      switch waiting.removeFirst() {
      case .send(let call):
        calls += 1
        waiting += machine.handle(await answer(call), at: time)
      case .store(let batch):
        for entry in batch.entries { entries[entry.identity] = entry }
        refused += batch.refused
        unread += batch.payloads.filter(\.isUnreadable).map(\.request)
        if let told = batch.balances { balances = told.rows }
        waiting += machine.handle(.stored(batch: batch.id), at: time)
      case .wake(let instant): wakes = instant
      case .cancel, .markets, .report: break
      }
    }
  }

  private func answer(_ call: SyncCall) async -> SyncEvent {
    var answers: [IncomingAnswer] = []
    for one in call.calls {
      let credentials = one.surface == "adapter.open" ? nil : SampleAdapter.key
      switch await process.answer(one, credentials) {
      case .success(let answer): answers.append(answer)
      case .failure(let fault): return .failed(call: call.id, fault.venueFault)
      }
    }
    return .answered(call: call.id, answers)
  }

  /// What all legs add up to, by the venue's code.
  var sums: [String: String] {
    var sums: [String: Fixed] = [:]
    for leg in entries.values.flatMap(\.legs) {
      let code = leg.asset.ticker
      sums[code] = (try? (sums[code] ?? .zero).adding(leg.quantity.fixed)) ?? .zero
    }
    return sums.mapValues(\.text)
  }

  var kinds: [String] { entries.values.map(\.kind.rawValue).sorted() }
}
