import Amounts
import Ledger
import Portfolio
import Prices
import Simulator
import Testing
import Wire

@Suite struct WireTests {
  static func snapshot() -> Snapshot {
    var settlement = Settlement(currency: .usDollar)
    let book = DemoBook()
    for account in book.accounts { settlement.take(account) }
    var holdings = Holdings()
    for (number, fact) in book.facts.enumerated() {
      _ = try? holdings.apply(
        Entry(
          id: EntryID(high: 0, low: UInt64(number)), time: fact.time, kind: fact.kind,
          legs: fact.legs, origin: .byHand))
    }
    for (key, holding) in holdings.table { settlement.take(holding, for: key) }
    var market = MarketWalk()
    for quote in market.opening(at: start) { settlement.take(quote) }
    _ = settlement.settle(at: start)
    return settlement.snapshot(at: start)
  }

  static let entry = Entry(
    id: EntryID(high: .max, low: 1), time: Instant(microseconds: -5), kind: .marginFee,
    legs: [
      Leg(
        account: AccountID(named: "a"), asset: .venue(venue: "v", code: "x:y"),
        quantity: Quantity(Fixed(units: .min)), counter: .margin)
    ],
    details: EntryDetails(
      reference: "r", transactionHash: "h", note: "n\u{0}", value: Money(.one, .euro)),
    origin: EntryOrigin(importNumber: 3, line: 4))

  static let engineMessages: [EngineMessage] = [
    .welcome(version: 1, EngineStatus(vault: "v", isUnlocked: true, entries: 7)),
    .status(
      EngineStatus(
        vault: "", isDemo: true, clients: 2, activity: "importing", warnings: ["a", "b"])),
    .snapshot(snapshot()), .goodbye("bye"),
    .change(
      ChangeSet(
        from: 1, to: 2, time: start, changed: Array(snapshot().positions.prefix(3)),
        removed: [.fiat(code: "EUR")], accounts: snapshot().accounts, totals: Totals())),
    .change(
      ChangeSet(
        from: 2, to: 3, time: start,
        changed: [
          Position(
            asset: .fiat(code: "EUR"), quantity: Quantity(.one), staked: .zero, price: nil,
            value: .one, dayOpenValue: .one, shares: [], dayBasis: .hours)
        ], removed: [], accounts: nil,
        totals: Totals(unread: [AccountID(named: "a"), AccountID(named: "b")], overflowed: true))),
    .progress(id: 1, Progress(stage: "s", done: -1, total: .max, unit: "u")),
    .report(
      id: 2,
      Report(
        facts: [.init("a", .none), .init("b", .flag(true))], tableName: "t", columns: ["x", "y"],
        rows: [[.integer(.min), .amount(Fixed(units: .max))], [.text("é"), .none]])),
    .refusal(id: 3, Refusal(.locked, "m", advice: "a")),
    .page(
      id: 4, LedgerPage(query: LedgerQuery(asset: .fiat(code: "USD")), total: 9, entries: [entry])),
  ]

  static let clientMessages: [ClientMessage] = [
    .hello(version: 1, isReadOnly: true), .watch, .unwatch, .cancel(id: .max),
    .request(id: 1, Request("unlock", ["a": "b"], secrets: [[1, 2, 3]])),
    .page(id: 2, LedgerQuery(account: AccountID(named: "k"), text: "btc", offset: 5, limit: 9)),
  ]

  @Test(arguments: engineMessages)
  func `what the engine says comes back`(message: EngineMessage) throws {
    var writer = WireWriter()
    writer.put(message)
    #expect(try FrameAssembler.message(EngineMessage.self, from: writer.bytes) == message)
  }

  @Test(arguments: clientMessages)
  func `what a client says comes back`(message: ClientMessage) throws {
    var writer = WireWriter()
    writer.put(message)
    #expect(try FrameAssembler.message(ClientMessage.self, from: writer.bytes) == message)
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `bytes that are no message are a fault, never a trap`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for message in WireTests.engineMessages {
      var writer = WireWriter()
      writer.put(message)
      var bytes = writer.bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      bytes.removeLast(Int.random(in: 0...min(8, bytes.count), using: &generator))
      _ = try? FrameAssembler.message(EngineMessage.self, from: bytes)
      _ = try? FrameAssembler.message(ClientMessage.self, from: bytes)
    }
  }

  @Test func `frames come out of a stream however it is cut`() throws {
    let frames = WireTests.clientMessages.map { FrameAssembler.frame($0) }
    let stream = frames.flatMap { $0 }
    for size in [1, 2, 3, 7, 64, 100_000] {
      var assembler = FrameAssembler()
      var found: [ClientMessage] = []
      var rest = stream[...]
      while !rest.isEmpty {
        assembler.append(rest.prefix(size))
        rest = rest.dropFirst(size)
        while let bytes = try assembler.next() {
          found.append(try FrameAssembler.message(ClientMessage.self, from: bytes))
        }
      }
      #expect(found == WireTests.clientMessages)
    }
  }

  @Test func `a frame beyond the bound ends the talk`() {
    var assembler = FrameAssembler()
    assembler.append([0xFF, 0xFF, 0xFF, 0xFF])
    #expect(throws: WireFault.tooLong) {
      var assembler = assembler
      return try assembler.next()
    }
  }
}

@Suite struct ReportTextTests {
  @Test func `JSON escapes what a terminal would act on`() {
    let report = Report(facts: [
      .init("x", .text("a\u{1B}]52;c;\u{7}\u{9B}31m\u{202E}\"\\\n")),
      .init("y", .amount(Fixed(units: 5))),
    ])
    #expect(
      String(decoding: report.json, as: UTF8.self)
        == #"{"x":"a\u001b]52;c;\u0007\u009b31m\u202e\"\\\n","y":"0.000000000000000005"}"# + "\n")
  }

  /// The starters are those of OWASP's page on CSV injection.
  @Test(arguments: ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
  func `CSV takes formulas their power`(text: String) {
    let line = String(decoding: CSVText.line([.text(text)]), as: UTF8.self)
    #expect(line.hasPrefix("'") || line.hasPrefix("\"'"))
  }

  @Test func `CSV quotes as RFC 4180 says and leaves numbers alone`() {
    let line = CSVText.line([.text("a,\"b\"\nc"), .amount(Fixed(units: -1)), .none, .integer(-3)])
    #expect(
      String(decoding: line, as: UTF8.self)
        == "\"a,\"\"b\"\"\nc\",-0.000000000000000001,,-3\r\n")
  }
}
