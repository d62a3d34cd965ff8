import Amounts
import Encodings
import Ledger
import Prices
import VenueKit

/// Asks venues what held assets cost.
///
/// For each asset the market with the best quote currency is watched at every venue where there is an
/// account, so that an asset held at two venues has two sources. Venues that tell all tickers in one
/// call are asked once; the others market by market.
struct PriceDesk {
  /// One call for prices.
  struct Question: Sendable {
    let venue: String
    let feed: Int
    let call: Call
    let ask: Ask
    /// How long the answer may serve others, in seconds; `nil` keeps none.
    let keptSeconds: Int?
  }

  /// Seconds between two askings of one venue.
  static let pause: Int64 = 30
  /// The most markets asked for one by one at a venue.
  static let mostSingles = 40
  /// Quote currencies, the best first.
  static let currencies = ["USD", "USDT", "USDC", "EUR", "GBP", "BTC", "ETH"]

  /// What became of asking a venue for prices.
  enum Word: Sendable {
    /// It told them.
    case answered
    /// It did not, or what it said could not be read.
    case failed
  }

  struct VenuePlan {
    var markets = MarketTable()
    /// Watched markets by id, with what they price.
    var watched: [String: (asset: AssetID, currency: Currency, market: Market)] = [:]
    /// What was traded of an asset on its watched market in the last day, in the asset.
    var volumes: [AssetID: Fixed] = [:]
    /// What watched markets' prices of a day before were, and when that was said.
    var opens: [AssetID: (price: Price, at: Instant)] = [:]
    var dueAt: Instant
  }

  private let venues: VenueCatalogue
  /// Ask market by market where that can be done, whatever a venue tells in one call; for measuring.
  var asksSingly = false
  private(set) var plans: [String: VenuePlan] = [:]
  /// What became of the last asking of a venue.
  private(set) var words: [String: Word] = [:]
  /// Whether there may be other reasons for missing prices than before.
  var hasOtherAbsences = false
  /// Whether other markets are watched than when their places were last asked for.
  var hasOtherPlaces = false
  /// What is held or watched.
  private(set) var assets: Set<AssetID> = []
  private var links = AssetLinks()

  init(venues: VenueCatalogue) { self.venues = venues }

  /// When the next asking is due.
  var wakeAt: Instant? {
    plans.values.filter { !$0.watched.isEmpty }.map(\.dueAt).min()
  }

  /// What was traded of assets in the last day on the markets that are watched, in the assets.
  var volumes: [AssetID: Fixed] {
    var sums: [AssetID: Fixed] = [:]
    for plan in plans.values {
      for (asset, volume) in plan.volumes {
        sums[asset] = (try? sums[asset, default: .zero].adding(volume)) ?? sums[asset]
      }
    }
    return sums
  }

  private mutating func noteVolumes(_ tickers: [Ticker], of venue: String, asked: Market?) {
    for ticker in tickers {
      guard let volume = ticker.baseVolume, volume > .zero else { continue }
      let id = ticker.market.isEmpty ? asked?.id ?? "" : ticker.market
      let market = plans[venue]?.markets.market(id, .spot)
      guard let watched = plans[venue]?.watched[market?.id ?? id] else { continue }
      plans[venue]?.volumes[watched.asset] = volume
    }
  }

  /// Learns a venue's markets.
  mutating func know(venue: String, _ markets: [Market], at now: Instant) {
    var plan = plans[venue] ?? VenuePlan(dueAt: now)
    plan.markets = MarketTable(markets)
    plans[venue] = plan
    choose(venue)
  }

  /// Learns what is held and where there are accounts.
  mutating func watch(
    _ assets: Set<AssetID>, links: AssetLinks, venues: Set<String>, at now: Instant
  ) {
    if self.assets != assets { hasOtherPlaces = true }
    self.assets = assets
    self.links = links
    for venue in plans.keys where !venues.contains(venue) {
      plans[venue] = nil
      hasOtherPlaces = true
    }
    for venue in venues where plans[venue] == nil { plans[venue] = VenuePlan(dueAt: now) }
    for venue in plans.keys { choose(venue) }
  }

  /// Chooses the markets of a venue that price something held, and the rates between currencies.
  private mutating func choose(_ venue: String) {
    guard var plan = plans[venue] else { return }
    let aliases = venues.named(venue)?.aliases ?? [:]
    var best: [AssetID: (rank: Int, market: Market)] = [:]
    for market in plan.markets.all where market.kind == .spot && market.isActive != false {
      let quote = Venue.recorded(market.quote, aliases).uppercased()
      guard let rank = PriceDesk.currencies.firstIndex(of: quote) else { continue }
      let asset = canonical(venue, Venue.recorded(market.base, aliases))
      guard assets.contains(asset) || PriceDesk.isRate(market, aliases) else { continue }
      if let known = best[asset], known.rank <= rank { continue }
      best[asset] = (rank, market)
    }
    hasOtherAbsences = true
    let before = Set(plan.watched.keys)
    plan.watched = [:]
    for (asset, choice) in best {
      let quote = Venue.recorded(choice.market.quote, aliases)
      guard let currency = Currency(quote.uppercased()) else { continue }
      plan.watched[choice.market.id] = (asset, currency, choice.market)
    }
    if before != Set(plan.watched.keys) { hasOtherPlaces = true }
    plans[venue] = plan
  }

  private func canonical(_ venue: String, _ code: String) -> AssetID {
    links.canonical(.venue(venue: venue, code: code))
  }

  /// Whether a market tells what a stablecoin or currency costs.
  private static func isRate(_ market: Market, _ aliases: [String: String]) -> Bool {
    let base = Venue.recorded(market.base, aliases).uppercased()
    let quote = Venue.recorded(market.quote, aliases).uppercased()
    return quote == "USD" && ["USDT", "USDC", "EUR", "GBP", "BTC", "ETH"].contains(base)
  }

  /// The markets whose prices are wanted, by venue.
  var wantedMarkets: [String: [Market]] {
    plans.compactMapValues { plan in
      plan.watched.isEmpty ? nil : plan.watched.values.map(\.market)
    }
  }

  /// Where each watched asset is priced.
  var places: [AssetID: [BackfillDesk.Place]] {
    var places: [AssetID: [BackfillDesk.Place]] = [:]
    for (venue, plan) in plans {
      for (asset, currency, market) in plan.watched.values {
        places[asset, default: []].append(
          BackfillDesk.Place(venue: venue, market: market, currency: currency))
      }
    }
    return places
  }

  /// The assets that some venue prices.
  var watchedAssets: Set<AssetID> {
    Set(plans.values.flatMap { $0.watched.values.map(\.asset) })
  }

  /// Venues whose prices stream are asked seldom.
  static let streamedPause: Int64 = 300

  /// The calls that are due; each venue's next ones are planned.
  mutating func due(at now: Instant, streamed: Set<String> = []) -> [Question] {
    var questions: [Question] = []
    for id in plans.keys.sorted() {
      guard let plan = plans[id], !plan.watched.isEmpty, plan.dueAt <= now,
        let venue = venues.named(id)
      else { continue }
      let pause = streamed.contains(id) ? PriceDesk.streamedPause : PriceDesk.pause
      plans[id]?.dueAt = now.advanced(bySeconds: pause)
      questions += self.questions(venue, plan, now)
    }
    return questions
  }

  private func questions(
    _ venue: Venue, _ plan: VenuePlan, _ now: Instant
  ) -> [Question] {
    guard
      let index = venue.feeds.tickers.firstIndex(where: { $0.market == nil || $0.market == .spot })
    else { return [] }
    let feed = venue.feeds.tickers[index]
    var ask = Ask(markets: plan.markets, now: now)
    ask.part = .spot
    if !asksSingly, let calls = try? feed.calls(ask), calls.count == 1 {
      return [
        Question(
          venue: venue.id, feed: index, call: calls[0], ask: ask, keptSeconds: feed.keptSeconds)
      ]
    }
    var questions: [Question] = []
    for id in plan.watched.keys.sorted().prefix(PriceDesk.mostSingles) {
      ask.market = plan.watched[id]?.market
      for call in (try? feed.calls(ask)) ?? [] {
        questions.append(
          Question(
            venue: venue.id, feed: index, call: call, ask: ask, keptSeconds: feed.keptSeconds))
      }
    }
    return questions
  }

  /// Reads the quotes of an answer; a fault gives none, and the prices there grow old.
  mutating func take(_ result: FetchResult, of question: Question, at now: Instant) -> [Quote] {
    let quotes = read(result, question, at: now)
    let word: Word = quotes == nil ? .failed : .answered
    if words[question.venue] != word {
      words[question.venue] = word
      hasOtherAbsences = true
    }
    return quotes ?? []
  }

  private mutating func read(
    _ result: FetchResult, _ question: Question, at now: Instant
  ) -> [Quote]? {
    guard case .answered(let incoming) = result, let venue = venues.named(question.venue),
      venue.feeds.tickers.indices.contains(question.feed),
      let answer = try? venue.answer(question.ask, question.call, incoming),
      let tickers = try? venue.feeds.tickers[question.feed].read(answer)
    else { return nil }
    return quotes(tickers, of: venue.id, asked: question.ask.market, at: now)
  }

  /// The quotes that tickers give of watched markets.
  mutating func quotes(
    _ tickers: [Ticker], of venue: String, asked: Market? = nil, at now: Instant
  ) -> [Quote] {
    guard let plan = plans[venue] else { return [] }
    noteVolumes(tickers, of: venue, asked: asked)
    return tickers.compactMap { ticker in
      let id = ticker.market.isEmpty ? asked?.id ?? "" : ticker.market
      let market = plan.markets.market(id, .spot)
      guard let watched = plan.watched[market?.id ?? id], let last = ticker.last ?? ticker.bid
      else { return nil }
      let open = dayOpen(ticker, watched.asset, venue, at: now)
      // A venue's clock may be ahead; a price is never from the future.
      let time = min(ticker.time ?? now, now)
      return Quote(
        asset: watched.asset, price: Price(last), currency: watched.currency, time: time,
        source: .feed(venue), dayOpen: open)
    }
  }

  /// For how many seconds a price of a day before stands for later tickers that don't tell one.
  static let openLife: Int64 = 900

  /// The price of a day before: as the ticker says, else as the venue said not long ago, since many
  /// streams tell the last price only.
  private mutating func dayOpen(
    _ ticker: Ticker, _ asset: AssetID, _ venue: String, at now: Instant
  ) -> Price? {
    if let open = ticker.open {
      plans[venue]?.opens[asset] = (Price(open), now)
      return Price(open)
    }
    guard let known = plans[venue]?.opens[asset],
      known.at.advanced(bySeconds: PriceDesk.openLife) >= now
    else { return nil }
    return known.price
  }
}
