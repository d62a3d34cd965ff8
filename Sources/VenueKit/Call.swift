public import Amounts
public import Encodings
public import Ledger

/// Named values in order; of equal names each stays.
public struct Parameters: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One name with its value.
  public struct Item: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: JSON
    /// Makes an item.
    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }
  /// The values in order.
  public var items: [Item]

  /// Makes parameters.
  public init(_ items: [Item] = []) { self.items = items }

  /// Makes parameters; a value of `nil` is left out.
  public init(dictionaryLiteral elements: (String, JSON?)...) {
    items = elements.compactMap { name, value in value.map { Item(name, $0) } }
  }

  /// The last value of a name; setting replaces it in its place or adds it at the end, and `nil`
  /// removes it.
  public subscript(_ name: String) -> JSON? {
    get { items.last { $0.name == name }?.value }
    set {
      guard let newValue else {
        items.removeAll { $0.name == name }
        return
      }
      if let place = items.lastIndex(where: { $0.name == name }) {
        items[place].value = newValue
      } else {
        items.append(Item(name, newValue))
      }
    }
  }

  /// These and others after them; of equal names the other's value counts, in the old place.
  public func adding(_ others: Parameters) -> Parameters {
    var all = self
    for item in others.items { all[item.name] = item.value }
    return all
  }
}

extension JSON {
  /// An exact decimal as a text value.
  public static func text(_ value: Fixed?) -> JSON? { value.map { .string($0.text) } }
  /// A text value, or nothing.
  public static func text(_ value: String?) -> JSON? { value.map { .string($0) } }
  /// A time as a text value.
  public static func text(_ value: Instant?, _ form: TimeForm) -> JSON? {
    value.map { .string(form.write($0)) }
  }
  /// A time as a number; of the forms that are numbers only.
  public static func number(_ value: Instant?, _ form: TimeForm) -> JSON? {
    value.map { .number(form.write($0)) }
  }
  /// A whole number, or nothing.
  public static func number(_ value: Int?) -> JSON? { value.map { .number(String($0)) } }
  /// An exact decimal as a number.
  public static func number(_ value: Fixed?) -> JSON? { value.map { .number($0.text) } }
}

/// One request before it is signed.
public struct Call: Hashable, Sendable {
  /// The surface of the venue it goes to, by name.
  public var surface: String
  /// `GET`, `POST`, `PUT` or `DELETE`.
  public var method: String
  /// The path below the surface's own, without a leading slash; `{name}` stands for a parameter.
  public var path: String
  /// Its parameters.
  public var parameters: Parameters
  /// What it costs, by bucket; empty charges one point of the first bucket.
  public var cost: [String: Int]
  /// A word of the venue file's own that its reader needs to know which call this is.
  public var tag: String

  /// Makes a call.
  public init(
    _ surface: String, _ method: String, _ path: String, _ parameters: Parameters = [:],
    cost: [String: Int] = [:], tag: String = ""
  ) {
    self.surface = surface
    self.method = method
    self.path = path
    self.parameters = parameters
    self.cost = cost
    self.tag = tag
  }
}

/// What is wanted of a feed.
public struct Ask: Sendable {
  /// The venue's markets, as far as they are known.
  public var markets: MarketTable
  /// One market.
  public var market: Market?
  /// Several markets, for feeds that take a list.
  public var manyMarkets: [Market] = []
  /// One asset, by the venue's code.
  public var asset: String?
  /// One part of the account.
  public var part: AccountPart?
  /// From this time on, this time included.
  public var from: Instant?
  /// Up to this time.
  public var to: Instant?
  /// At most so many rows a call; `nil` leaves it to the feed (which then asks for its most).
  public var limit: Int?
  /// Where the last page ended, as the feed's `next` gave it.
  public var cursor: String?
  /// The number of the page, from 0, for feeds paged by number or offset.
  public var page: Int = 0
  /// The venue's id of an order.
  public var order: String?
  /// Our id of an order.
  public var clientOrder: String?
  /// An order to be placed.
  public var newOrder: NewOrder?
  /// The length of candles, in seconds.
  public var interval: Int = 60
  /// The venue's ids of the account's parts or sub-accounts, by the names the venue file gives them.
  public var accounts: [String: String] = [:]
  /// What time it is.
  public var now: Instant
  /// Further parameters in the venue's own names, for a route's options.
  public var extra: Parameters = [:]

  /// Wants everything.
  public init(markets: MarketTable = MarketTable(), now: Instant) {
    self.markets = markets
    self.now = now
  }
}

/// A venue's answer to a call.
public struct Answer: Sendable {
  /// What was asked.
  public var ask: Ask
  /// The call it answers.
  public var call: Call
  /// The body.
  public var body: Node
  /// The HTTP status.
  public var status: Int
  /// Header fields in order, names in lower case.
  public var headers: [(name: String, value: String)]

  /// Makes an answer.
  public init(
    ask: Ask, call: Call, body: JSON, status: Int = 200,
    headers: [(name: String, value: String)] = []
  ) {
    self.ask = ask
    self.call = call
    self.body = Node(body)
    self.status = status
    self.headers = headers
  }
}
