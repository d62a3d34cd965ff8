import Amounts
import Encodings
import Foundation
import Ledger
import TestSupport
import Testing
import VenueKit

/// A venue's book that moves at random; prices have one decimal, amounts eight.
private struct TrueBook {
  var bids: [Int: Int] = [:]
  var asks: [Int: Int] = [:]
  private var middle = 10_000

  mutating func move(_ generator: inout Seeded) {
    middle += Int.random(in: -2...2, using: &generator)
    for price in bids.keys where price >= middle { bids[price] = nil }
    for price in asks.keys where price <= middle { asks[price] = nil }
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let away = Int.random(in: 1...24, using: &generator)
      let amount = Int.random(in: 0...3, using: &generator) * 12_345_678
      if Bool.random(using: &generator) {
        bids[middle - away] = amount == 0 ? nil : amount
      } else {
        asks[middle + away] = amount == 0 ? nil : amount
      }
    }
  }

  /// Both sides, best first, so many levels of each.
  func view(_ depth: Int) -> (bids: [BookLevel], asks: [BookLevel]) {
    let high = bids.sorted { $0.key > $1.key }.prefix(depth)
    let low = asks.sorted { $0.key < $1.key }.prefix(depth)
    return (high.map(TrueBook.level), low.map(TrueBook.level))
  }

  private static func level(_ price: Int, _ amount: Int) -> BookLevel {
    BookLevel(
      Fixed(units: Int128(price) * (Fixed.scale / 10)),
      Fixed(units: Int128(amount) * (Fixed.scale / 100_000_000)))
  }

  /// The levels of `new` that are not so in `old`, and those gone, with zero.
  static func changes(_ old: [BookLevel], _ new: [BookLevel]) -> [BookLevel] {
    let (before, after) = (Set(old), Set(new.map(\.price)))
    return new.filter { !before.contains($0) }
      + old.filter { !after.contains($0.price) }.map { BookLevel($0.price, .zero) }
  }
}

/// A manner in which venues tell of their books.
private struct Manner: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let rules: BookRules
  /// Whether each level is a message.
  var isSplit = false

  static let number: @Sendable (Node) -> Int64? = { try? $0.optionalInteger("n") }
  static let all = [
    Manner(testDescription: "counted", rules: BookRules(.counted, from: .call)),
    Manner(testDescription: "linked around", rules: BookRules(.linkedAround, from: .call)),
    Manner(testDescription: "linked", rules: BookRules(.linked, from: .stream, window: 12)),
    Manner(
      testDescription: "bare digits",
      rules: BookRules(
        .none, from: .stream, window: 10, checksum: .bareDigits(levels: 10))),
    Manner(
      testDescription: "signed pairs",
      rules: BookRules(
        .none, from: .stream, window: 8, checksum: .signedPairs(levels: 8), isSummedApart: true),
      isSplit: true),
    Manner(
      testDescription: "numbered connection", rules: BookRules(.none, from: .stream, number: number)
    ),
  ]
}

/// A venue, a connection that loses, repeats and swaps messages, and the books kept at its end.
private struct LossyRun {
  struct Message {
    let change: BookChange
    /// Which of the true states it leads to.
    let state: Int
    let number: Int
  }

  let manner: Manner
  var generator: Seeded
  var shelf: BookShelf
  var truth = TrueBook()
  /// Every state there was, and its number.
  var states: [TrueBook] = []
  var numbers: [Int64] = []
  var told = 0
  /// The message that the next one overtakes.
  var late: Message?
  /// Steps until a first state that was asked for comes.
  var coming: Int?
  /// The state that the book must show.
  var shown = 0
  var (changed, flaws) = (0, 0)
  var faults: [String] = []

  static let depth = 16

  init(_ manner: Manner, seed: UInt64) {
    self.manner = manner
    generator = Seeded(seed)
    shelf = BookShelf(rules: manner.rules, markets: ["M"], depth: LossyRun.depth)
  }

  mutating func run(steps: Int) {
    for step in 0..<steps {
      let old = truth
      truth.move(&generator)
      states.append(truth)
      numbers.append((numbers.last ?? 100) + Int64.random(in: 1...3, using: &generator))
      if step > 0 { for message in messages(from: old) { send(message) } }
      fetch()
    }
  }

  private var window: Int { manner.rules.window ?? .max }

  private mutating func message(
    _ isSnapshot: Bool, _ bids: [BookLevel], _ asks: [BookLevel], _ sum: Int64?
  ) -> Message {
    let last = numbers.count - 1
    let before = last > 0 ? numbers[last - 1] : nil
    let hasNumbers = manner.rules.sequence != .none
    let first = isSnapshot ? numbers[last] : (before ?? 0) + 1
    told += 1
    return Message(
      change: BookChange(
        market: "M", isSnapshot: isSnapshot, bids: bids, asks: asks,
        sequence: hasNumbers ? first...numbers[last] : nil,
        previous: isSnapshot || !hasNumbers || manner.rules.sequence == .counted ? nil : before,
        checksum: sum, digits: BookDigits(price: 1, amount: 8)),
      state: last, number: told)
  }

  private var sum: Int64? {
    let view = truth.view(window)
    return manner.rules.checksum?.sum(
      bids: view.bids, asks: view.asks, digits: BookDigits(price: 1, amount: 8))
  }

  private mutating func messages(from old: TrueBook) -> [Message] {
    let (before, after) = (old.view(window), truth.view(window))
    let bids = TrueBook.changes(before.bids, after.bids)
    let asks = TrueBook.changes(before.asks, after.asks)
    guard manner.isSplit else { return [message(false, bids, asks, sum)] }
    var all = bids.map { message(false, [$0], [], nil) }
    for ask in asks { all.append(message(false, [], [ask], nil)) }
    all.append(message(false, [], [], sum))
    return all
  }

  /// Loses, repeats or delays a message.
  private mutating func send(_ message: Message) {
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<2: return
    case 2..<4: for _ in 0..<2 { hear(message) }
    case 4..<6 where late == nil:
      late = message
      return
    default: hear(message)
    }
    if let delayed = late {
      late = nil
      hear(delayed)
    }
  }

  private mutating func hear(_ message: Message) {
    let node = Node(JSON.object(JSONObject([("n", .number("\(message.number)"))])))
    let wasWhole = shelf["M"]?.isWhole == true
    let place = shelf.hear(node)
    if wasWhole, place == .gap { flaws += 1 }
    guard place != .repeated else { return }
    note(shelf.take(message.change), at: message.state)
  }

  /// Gets a first state, after a while, for as long as the book is not whole.
  private mutating func fetch() {
    guard shelf["M"]?.isWhole == false else { return }
    guard let left = coming else {
      coming = Int.random(in: 0...4, using: &generator)
      return
    }
    coming = left > 0 ? left - 1 : nil
    guard left == 0 else { return }
    guard manner.rules.source == .call else {
      let view = truth.view(window)
      send(message(true, view.bids, view.asks, manner.isSplit ? nil : sum))
      return
    }
    let state = max(states.count - 1 - Int.random(in: 0...2, using: &generator), 0)
    let limit = Int.random(in: 10...40, using: &generator)
    let view = states[state].view(limit)
    let book = OrderBook(
      market: "M", bids: view.bids, asks: view.asks, sequence: numbers[state])
    let knowsLimit = Bool.random(using: &generator)
    note(shelf.join(book, market: "M", limit: knowsLimit ? limit : nil), at: state)
  }

  /// Compares what the keeper shows with the truth.
  private mutating func note(_ outcome: BookOutcome, at state: Int) {
    guard let keeper = shelf["M"] else { return }
    switch outcome {
    case .changed:
      changed += 1
      shown = state
    case .needsSnapshot:
      flaws += 1
      if keeper.isWhole { faults.append("whole, with a flaw") }
    case .unchanged: break
    }
    if keeper.heldCount > BookKeeper.heldMost { faults.append("\(keeper.heldCount) held") }
    guard let book = keeper.book else { return }
    if let number = book.sequence, let place = numbers.firstIndex(of: number) { shown = place }
    let real = states[shown].view(window)
    if !agrees(book.bids, real.bids) || !agrees(book.asks, real.asks) {
      faults.append("\(outcome) at \(state) of \(states.count) shows \(book)")
    }
  }

  /// Whether what is kept is the best part of what there is: all of it, in a window.
  private func agrees(_ kept: [BookLevel], _ real: [BookLevel]) -> Bool {
    let most = manner.rules.window ?? LossyRun.depth
    let isAll = kept == Array(real.prefix(most))
    if manner.rules.window != nil { return isAll }
    return isAll || (!kept.isEmpty && kept.count <= most && real.starts(with: kept))
  }
}

@Suite struct BookStreams {
  static let seed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }

  @Test(arguments: Manner.all)
  fileprivate func `a book that is whole is the venue's, whatever was lost, repeated or swapped`(
    _ manner: Manner
  ) {
    var (changed, flaws) = (0, 0)
    for seed in Self.seed.map({ $0...$0 }) ?? 1...40 {
      var run = LossyRun(manner, seed: seed)
      run.run(steps: 200)
      #expect(run.faults.first == nil, "SEED=\(seed)")
      changed += run.changed
      flaws += run.flaws
    }
    // It is whole most of the time, and what was lost was noticed.
    #expect(changed > 2_000 || Self.seed != nil)
    #expect(flaws > 80 || Self.seed != nil)
  }
}
