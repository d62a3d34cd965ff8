import Cipher
import Encodings
import Foundation
import Ledger
import Testing
import VenueKit
import Venues

/// Everything that a venue's calls need is asked for, told by its login, or read from its lists.
@Suite struct AccountIDs {
  /// What a feed wants to know of an account, and who wants it.
  struct Need: Hashable, CustomStringConvertible {
    let venue: String
    let name: String
    var description: String { "\(venue) \(name)" }
  }

  /// Answers of the lists of accounts, in the shape of the venues' documents; Bullish' is its example,
  /// the numbers of the others are ours.
  static let lists: [String: String] = [
    // https://api.exchange.bullish.com/docs/api/rest/ (trading-accounts)
    "bullish": """
    [{"isBorrowing":"false","tradingAccountId":"111000000000002","isPrimaryAccount":"false"},
     {"isBorrowing":"false","tradingAccountId":"111000000000001","isPrimaryAccount":"true",
      "tradingAccountName":"algo trading account"}]
    """,
    // https://api-docs.grvt.io/trading_api/#get-sub-accounts
    "grvt": #"{"sub_account_ids":["4724219064482495","2095919380","1170592370"]}"#,
    // https://apidoc.ndax.io/#getuseraccounts
    "ndax": "[4]",
    // https://docs.derive.xyz/reference/post_private-get-subaccounts
    "derive": #"{"id":1,"result":{"subaccount_ids":[30769],"wallet":"0x1"}}"#,
    // https://huobiapi.github.io/docs/spot/v1/en/#get-all-accounts-of-the-current-user
    "htx": """
    {"status":"ok","data":[{"id":100001,"type":"spot","subtype":"","state":"working"},
     {"id":100003,"type":"otc","subtype":"","state":"working"},
     {"id":100004,"type":"deposit-earning","subtype":"","state":"working"}]}
    """,
    // https://huobiapi.github.io/docs/spot/v1/en/#get-uid
    "htx v2/user/uid": #"{"code":200,"data":63628520}"#,
    // https://api-doc.bittrade.co.jp/
    "bittrade": #"{"status":"ok","data":[{"id":100009,"type":"spot","state":"working"}]}"#,
  ]

  private static func names(listedBy venue: Venue) -> [String: [String]] {
    guard let feed = venue.feeds.accounts else { return [:] }
    var rows: [VenueAccount] = []
    for call in (try? feed.calls(Ask(now: now))) ?? [] {
      guard let text = lists["\(venue.id) \(call.path)"] ?? lists[venue.id],
        let json = try? JSON.reading(text)
      else { continue }
      rows += (try? feed.read(Answer(ask: Ask(now: now), call: call, body: json))) ?? []
    }
    return Dictionary(grouping: rows, by: \.name).mapValues { $0.map(\.id) }
  }

  private static let now = Instant(seconds: 1_767_225_600)

  private static func asks() -> [Ask] {
    var all = [Ask(now: now)]
    for kind in [MarketKind.spot, .swap, .future, .option] {
      var ask = Ask(now: now)
      ask.market = Market(id: "BTC-USD", base: "BTC", quote: "USD", kind: kind)
      ask.asset = "BTC"
      all.append(ask)
    }
    return all
  }

  private static func wanted<Row>(_ feeds: [Feed<Row>], _ venue: Venue) -> Set<Need> {
    var needs: Set<Need> = []
    for feed in feeds {
      for ask in asks() {
        do throws(VenueFault) {
          _ = try feed.calls(ask)
        } catch {
          let start = "asking without the id of "
          // "an order" is no account.
          guard case .unsupported(let what) = error, what.hasPrefix(start),
            !what.hasSuffix(" an order")
          else { continue }
          needs.insert(Need(venue: venue.id, name: String(what.dropFirst(start.count))))
        }
      }
    }
    return needs
  }

  /// What calls cannot be made without.
  private static func wanted(_ venue: Venue) -> Set<Need> {
    let feeds = venue.feeds
    var needs = wanted(feeds.balances, venue).union(wanted(feeds.fills, venue))
    needs.formUnion(wanted(feeds.deposits + feeds.withdrawals + feeds.transfers, venue))
    needs.formUnion(wanted(feeds.statement, venue))
    needs.formUnion(wanted(feeds.positions, venue))
    needs.formUnion(wanted(feeds.openOrders + feeds.closedOrders, venue))
    if let desk = venue.desk {
      needs.formUnion(wanted([desk.place, desk.cancel, desk.find, desk.open], venue))
    }
    return needs
  }

  /// What the venues' files read by name, their rows too.
  private static func written() throws -> Set<Need> {
    let folder = FreshTables.root.appending(path: "Sources/Venues")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    var venues: [String: Set<String>] = [:]
    var names: [String: Set<String>] = [:]
    for file in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      let name = file.deletingPathExtension().lastPathComponent
      let stem = String(name.prefix { $0 != "+" })
      for match in text.matches(of: #/\bVenue\(\s*id: "([a-z0-9]+)"/#) {
        venues[stem, default: []].insert(String(match.1))
      }
      for match in text.matches(of: #/\bask\.(?:account\(|accounts\[)"([^"]+)"/#) {
        names[stem, default: []].insert(String(match.1))
      }
    }
    var needs: Set<Need> = []
    for (stem, wanted) in names {
      let owners = venues[stem] ?? []
      #expect(!owners.isEmpty, "\(stem) belongs to no venue")
      for venue in owners {
        for name in wanted { needs.insert(Need(venue: venue, name: name)) }
      }
    }
    return needs
  }

  @Test func `every id of an account that a venue's feeds want has a source`() throws {
    var needs = try AccountIDs.written()
    for venue in Venue.all { needs.formUnion(AccountIDs.wanted(venue)) }
    let expected = ["bullish tradingAccountId", "grvt accountId", "hyperliquid walletAddress"]
    #expect(Set(expected).isSubset(of: needs.map(\.description)))
    for need in needs {
      let venue = try #require(Venue.named(need.venue))
      let isTyped = venue.credentials.contains { $0.isAccount && $0.name == need.name }
      let isListed = AccountIDs.names(listedBy: venue)[need.name] != nil
      #expect(isTyped || isListed, "\(need): nothing tells it")
      // What may be left out must be told by somebody, or have a value of its own.
      let isOptional = venue.credentials.contains { $0.name == need.name && $0.isOptional }
      let isNeeded = AccountIDs.wanted(venue).contains(need)
      if isOptional && isNeeded { #expect(isListed, "\(need): it may be left out") }
    }
  }

  @Test func `the account that is meant where none is named stands first`() throws {
    let bullish = AccountIDs.names(listedBy: .bullish)["tradingAccountId"]
    #expect(bullish == ["111000000000001", "111000000000002"])
    #expect(AccountIDs.names(listedBy: .grvt)["accountId"]?.first == "4724219064482495")
    #expect(AccountIDs.names(listedBy: .ndax)["accountId"] == ["4"])
  }

  @Test func `no field that names an account is a secret, and the key names none`() {
    for venue in Venue.all {
      for field in venue.credentials where field.isAccount {
        #expect(!field.isSecret, "\(venue.id) \(field.name)")
        #expect(!["key", "secret", "passphrase"].contains(field.name), "\(venue.id)")
      }
    }
    let typed = Credentials(
      key: "k", secret: "s", fields: ["tradingAccountId": "7", "token": "t", "other": "o"])
    #expect(typed.accounts(at: .bullish) == ["tradingAccountId": "7"])
    #expect(Credentials(key: "k", secret: "s").accounts(at: .bullish) == [:])
  }
}

/// What recipes read of the credentials is there.
@Suite struct RecipeFields {
  private func fields(_ steps: [Step]) -> Set<String> {
    var all: Set<String> = []
    for step in steps {
      switch step {
      case .add(_, let token), .addNumber(_, let token), .lead(_, let token),
        .bind(_, let token), .header(_, let token), .appendQuery(_, let token),
        .appendForm(_, let token), .body(let token, _):
        all.formUnion(fields(token))
      case .on(_, let inner), .notOn(_, let inner): all.formUnion(fields(inner))
      case .ifParameters(let inner, let others): all.formUnion(fields(inner + others))
      case .ifField(let name, let inner, let others):
        all.formUnion(fields(inner).subtracting([name]).union(fields(others)))
      default: break
      }
    }
    return all
  }

  private func fields(_ token: Token) -> Set<String> {
    switch token {
    case .key: ["key"]
    case .secret: ["secret"]
    case .passphrase: ["passphrase"]
    case .field(let name): [name]
    case .join(let tokens): tokens.reduce(into: []) { $0.formUnion(fields($1)) }
    case .either(let one, let other): fields(one).union(fields(other))
    case .hash(_, let part), .hex(let part), .base64(let part), .base64URL(let part),
      .unbase64(let part), .unhex(let part), .upper(let part), .lower(let part),
      .escaped(let part), .keccak(let part):
      fields(part)
    case .hmac(_, let key, let part): fields(key).union(fields(part))
    case .ed25519(let key, let part), .rsa(let key, let part), .p256(let key, let part):
      fields(key).union(fields(part))
    default: []
    }
  }

  @Test func `every field that a recipe reads is asked for or given by a login`() {
    for venue in Venue.all {
      let typed = Set(venue.credentials.map(\.name))
      for surface in venue.surfaces {
        let isCovered = venue.session?.surfaces.contains(surface.name) ?? false
        let given = isCovered ? Set(venue.session?.fields ?? []) : []
        let missing = fields(surface.recipe.steps).subtracting(typed).subtracting(given)
        #expect(missing == [], "\(venue.id) \(surface.name)")
      }
    }
  }

  @Test func `sessions are told in full`() throws {
    let venues = Venue.all.filter { $0.session != nil }
    #expect(venues.map(\.id) == ["bullish", "grvt"])
    for venue in venues {
      let session = try #require(venue.session)
      let own = try venue.surface(session.login.surface)
      #expect(!own.recipe.isOpen && !session.surfaces.contains(own.name))
      #expect(session.life >= 600)
      for name in session.surfaces {
        let wanted = fields(try venue.surface(name).recipe.steps)
        #expect(Set(session.fields).isSubset(of: wanted), "\(venue.id) \(name)")
      }
      var limiter = Limiter()
      limiter.know(venue.id, venue.limits)
      let ticket = Limiter.Ticket(id: 1, venue: venue.id, key: "a", priority: .interactive)
      let submission = limiter.submit(ticket, at: Instant(seconds: 0))
      #expect(submission == .queued)
    }
  }
}

/// Logins of venues.
@Suite struct Logins {
  // 2025-01-01T00:00:00.123Z
  private let moment = Moment(
    time: Instant(microseconds: 1_735_689_600_123_000), uuid: "00000000-0000-4000-8000-000000000000"
  )

  private func answer(
    _ venue: Venue, _ body: String, _ headers: [(name: String, value: String)] = []
  ) throws -> Answer {
    let session = try #require(venue.session)
    let incoming = IncomingAnswer(status: 200, headers: headers, body: Array(body.utf8))
    return try venue.answer(Ask(now: moment.time), session.login, incoming)
  }

  // Signed with Python's hmac over time, nonce, method and path, as
  // https://github.com/bullish-exchange/api-examples (session/generate_jwt_hmac.py) does.
  @Test func `Bullish is logged in to with an HMAC key`() throws {
    let call = try #require(Venue.bullish.session).login
    let request = try Venue.bullish.request(
      call, credentials: Credentials(key: "HMAC-1", secret: "secretsecret"), moment: moment,
      tools: .openSSL)
    #expect(request.method == "GET" && request.body == nil)
    #expect(
      request.url == "https://api.exchange.bullish.com/trading-api/v1/users/hmac/login")
    #expect(request.header("BX-PUBLIC-KEY") == "HMAC-1")
    #expect(request.header("BX-TIMESTAMP") == "1735689600123")
    #expect(request.header("BX-NONCE") == "1735689600")
    #expect(
      request.header("BX-SIGNATURE")
        == "83da6f1517d9436b3ead337337ccda78ec1ad0e7ed94c3faf30d5c4dbe160501")
    #expect(request.header("Authorization") == nil)
  }

  // https://api.exchange.bullish.com/docs/api/rest/ (hmac-login): the example of an answer, its
  // token shortened.
  @Test func `what Bullish's login gives is the bearer of every private call`() throws {
    let told = try answer(
      .bullish,
      #"{"authorizer":"03E02367E8C900000500000000000000","token":"eyJhbGciOiJIUzI1NiJ9.e30.x"}"#)
    let session = try #require(Venue.bullish.session)
    let grant = try session.read(told)
    #expect(grant.fields == ["token": "eyJhbGciOiJIUzI1NiJ9.e30.x"])
    #expect(!"\(grant)".contains("eyJ"))
    let call = Call("private", "GET", "v1/accounts/trading-accounts")
    let bearer = Credentials(key: "HMAC-1", secret: "secretsecret").adding(grant.fields)
    let request = try Venue.bullish.request(
      call, credentials: bearer, moment: moment, tools: .openSSL)
    #expect(request.header("Authorization") == "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x")
    #expect(Venue.bullish.session(for: call) != nil)
    #expect(Venue.bullish.session(for: Call("public", "GET", "v1/time")) == nil)
    #expect(Venue.bullish.session(for: session.login) == nil)
  }

  // https://api-docs.grvt.io/auth/ (API Key Login): request and answer.
  @Test func `GRVT is logged in to with its API key`() throws {
    let session = try #require(Venue.grvt.session)
    let request = try Venue.grvt.request(
      session.login, credentials: Credentials(key: "2WYgf9fKibj9wUB1mMb9BpMgFZn"),
      moment: moment, tools: .openSSL)
    #expect(request.method == "POST")
    #expect(request.url == "https://edge.grvt.io/auth/api_key/login")
    #expect(request.header("Cookie") == "rm=true;")
    #expect(request.header("Content-Type") == "application/json")
    #expect(
      request.body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"api_key":"2WYgf9fKibj9wUB1mMb9BpMgFZn"}"#)
    let body = """
      {"status":"success","location":"","funding_account_address":"0x1",
       "sub_account_id":"123456789"}
      """
    let told = try answer(
      .grvt, body,
      [
        ("set-cookie", "other=1"),
        (
          "set-cookie",
          "gravity=abc=d; Path=/; Domain=grvt.io; Expires=Thu, 02 Jan 2025 00:00:00 GMT; HttpOnly"
        ),
        ("x-grvt-account-id", "ACC:1"),
      ])
    let grant = try session.read(told)
    #expect(grant.fields == ["AuthCookieValue": "gravity=abc=d", "AuthAccountId": "ACC:1"])
    #expect(grant.accounts == ["accountId": "123456789"])
    // From half a second before the day's begin to its end.
    #expect(grant.life == 86_400)
  }

  @Test func `a sign-in that gives no session is a refusal of the key`() throws {
    let told = try answer(.grvt, #"{"status":"failure","location":""}"#)
    let session = try #require(Venue.grvt.session)
    let fault = #expect(throws: VenueFault.self) { try session.read(told) }
    guard case .refused(let refusal)? = fault else { return #expect(Bool(false), "\(told.status)") }
    #expect(refusal.kind == .auth)
  }

  // RFC 6265, 5.2: attributes in any case, Max-Age before Expires; what is no date is left out.
  @Test(
    arguments: [
      ("gravity=v; max-age=60; Expires=Thu, 02 Jan 2025 00:00:00 GMT", 60),
      ("gravity = v ;MAX-AGE= 7 ", 7), ("gravity=v; Expires=Thu, 02-Jan-2025 00:00:00 GMT", 86_400),
      ("gravity=v; Expires=soon", nil), ("gravity=v", nil),
      ("gravity=v; Max-Age=99999999999999999999", nil),
    ] as [(String, Int?)])
  func `how long a cookie lasts is read`(field: String, life: Int?) throws {
    let told = try answer(.grvt, "{}", [("set-cookie", field)])
    let cookie = try #require(told.cookie("gravity"))
    #expect(cookie.value == "v" && cookie.life == life)
    #expect(told.cookie("grav") == nil)
  }
}
