import Amounts
import Ledger
import Lots
import Prices

@testable import Engine

/// Entries written short, in order of being written.
struct LedgerText {
  private(set) var entries: [NumberedEntry] = []

  static let bitcoin = AssetID.native(chain: "bitcoin")
  static let ether = AssetID.native(chain: "ethereum")
  static let dollar = AssetID.fiat(code: "USD")
  static let euro = AssetID.fiat(code: "EUR")

  static func fixed(_ text: String) -> Fixed { (try? Fixed(parsing: text)) ?? .zero }
  static func price(_ text: String) -> Price { Price(fixed(text)) }

  static func leg(
    _ quantity: String, _ asset: AssetID, _ counter: Counter, _ account: String = "kraken"
  ) -> Leg {
    Leg(
      account: AccountID(named: account), asset: asset, quantity: Quantity(fixed(quantity)),
      counter: counter)
  }

  /// Writes an entry down; times are days of January 2026, the first is 1.
  mutating func add(_ day: Double, _ kind: EntryKind, _ legs: [Leg], hash: String = "") {
    let number = entries.count + 1
    let start = LedgerText.day(1).start
    let entry = Entry(
      id: EntryID(digest: (0..<16).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }),
      time: start.advanced(bySeconds: Int64((day - 1) * 86_400)), kind: kind, legs: legs,
      details: EntryDetails(transactionHash: hash),
      origin: EntryOrigin(importNumber: 1, line: number))
    entries.append(NumberedEntry(number: number, entry: entry))
  }

  /// A day of January 2026, or of the months that follow.
  static func day(_ number: Int) -> UTCDay {
    UTCDay(Instant(seconds: 1_767_225_600)).advanced(by: number - 1)
  }

  /// Closes of some days, by day and asset.
  static func closes(
    today: Int, _ prices: [(day: Int, asset: AssetID, price: String)], live: [AssetID: String] = [:]
  ) -> DailyCloses {
    var closes = DailyCloses(currency: .usDollar, openDay: day(today))
    for one in prices { closes.take(price(one.price), of: one.asset, on: day(one.day)) }
    closes.take(live: live.mapValues { price($0) }, on: day(today))
    return closes
  }

  /// The journal of everything at once.
  func journal(_ closes: DailyCloses, rules: GainRules = GainRules()) -> GainsJournal {
    var journal = GainsJournal(rules: rules, links: AssetLinks(), prices: closes)
    let ordered = entries.sorted { a, b in
      a.entry.time != b.entry.time ? a.entry.time < b.entry.time : a.number < b.number
    }
    journal.takeInOrder(ordered)
    journal.settle()
    return journal
  }
}

extension GainsJournal {
  /// The value of everything since the first entry.
  func history(through day: UTCDay) -> ValueHistory {
    ValueHistory(places, from: firstDay ?? day, through: day, prices: valuation.prices)
  }
}
