import Ledger
import VenueKit
import Wire

extension EngineCore {
  /// What streams keep of books, as it is now.
  var bookView: BookDesk.View {
    let streams = streams
    return { streams?.view(of: $0) }
  }

  /// The market and the levels that a board's name means; `nil` for another kind of board.
  static func book(_ name: String) -> (word: MarketWord, levels: Int)? {
    guard name.hasPrefix(Board.book) else { return nil }
    let parts = name.dropFirst(Board.book.count).split(
      separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let levels = Int(parts[1]), bookLevels.contains(levels),
      parts[2].utf8.count <= mostMarketText
    else { return nil }
    return (MarketWord(venue: String(parts[0]), market: String(parts[2])), levels)
  }

  /// How many levels a side may be shown.
  static let bookLevels = 1...1_000
  /// The longest name of a market, in bytes.
  static let mostMarketText = 200

  mutating func askBook(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    do throws(Refusal) {
      let word = MarketWord(
        venue: try request.required("venue").lowercased(),
        market: try request.required("market"))
      let text = request.arguments["levels"] ?? "10"
      guard let levels = Int(text), EngineCore.bookLevels.contains(levels),
        word.market.utf8.count <= EngineCore.mostMarketText
      else { throw Refusal(.usage, "levels wants a number from 1 to 1000") }
      if mode.isOffline {
        throw Refusal(
          .forbidden, "the engine is off the network: there is no book to look at",
          advice: "Start without --offline.")
      }
      return withBooks(at: now) { books, view in
        books.ask(word, levels: levels, errand.client, errand.id, at: now, view: view)
      }
    } catch {
      return refuse(errand, error)
    }
  }

  /// Says which books clients look at.
  mutating func lookAtBooks(at now: Instant) -> [EngineEffect] {
    if mode.isOffline { return [] }
    let names = clients.values.flatMap(\.boards)
    let words = Set(names.compactMap { EngineCore.book($0)?.word })
    return withBooks(at: now) { books, _ in books.look(at: words, now: now) }
  }

  /// Lets the books' desk do something and carries out what it wants.
  mutating func withBooks(
    at now: Instant, _ work: (inout BookDesk, BookDesk.View) -> [BookDesk.Effect]
  ) -> [EngineEffect] {
    guard var books else { return [] }
    self.books = nil
    let wanted = work(&books, bookView)
    self.books = books
    var effects: [EngineEffect] = []
    for effect in wanted {
      switch effect {
      case .markets(let venue):
        effects += deal(at: now) { $0.lookAtMarkets(of: venue, at: now) }
      case .open(let id, let market):
        effects += withStreams(at: now) { $0.openBook(id, market, at: now) ?? [] }
      case .close(let id): effects += withStreams(at: now) { $0.closeBook(id) }
      case .fetch(let id, let market):
        effects += deal(at: now) { $0.fetchBook(id, market, levels: nil, at: now) }
      case .answer(let client, let id, let report):
        effects.append(.send(client, .report(id: id, report)))
      case .refuse(let client, let id, let refusal):
        effects.append(.send(client, .refusal(id: id, refusal)))
      }
    }
    return effects + [wake(after: now)]
  }

  /// A book that was fetched is joined to its stream, or shown as it is.
  mutating func take(
    _ result: Result<OrderBook, VenueFault>, of id: OrderBookID, levels: Int?, at now: Instant
  ) -> [EngineEffect] {
    streams?.join(result, of: id, levels: levels, at: now)
    return showBooks(at: now) { $0.take(result, of: id, at: now, view: $1) }
  }

  /// Something of a book is new: who waits for it is answered, who looks at it is told soon.
  mutating func showBooks(
    at now: Instant, _ work: (inout BookDesk, BookDesk.View) -> [BookDesk.Effect]
  ) -> [EngineEffect] {
    let isLookedAt = clients.values.contains { client in
      client.boards.contains { $0.hasPrefix(Board.book) }
    }
    if isLookedAt, bookBoardsAt == nil {
      bookBoardsAt = Instant(microseconds: now.microseconds + EngineCore.bookPause)
    }
    return withBooks(at: now, work)
  }
}
