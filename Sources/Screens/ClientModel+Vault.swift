internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// Does a command of the engine's.
  mutating func runVault(_ call: Invocation) {
    let words = call.arguments
    switch call.name {
    case "lock": request(Request("lock"), PendingRequest(use: .say("The vault is locked.")))
    case "idle-lock":
      guard let word = words.first, words.count == 1 else {
        return say(.error, "idle-lock: after how long? 5m, 15m, 1h or off")
      }
      request(
        Request("set-idle-lock", ["after": word]),
        PendingRequest(
          use: .say(
            word == "off"
              ? "The vault stays open."
              : "The vault is locked when no key was pressed for \(word.shortened(to: 20)).")))
    case "stop": ask("Stop the engine for every client?", Invocation("stop"))
    case "import": importFiles(words)
    case "imports": request(Request("imports"), PendingRequest(use: .show("Imports")))
    case "refused":
      request(Request("refused", ["limit": "1000"]), PendingRequest(use: .show("Refused rows")))
    case "accounts": request(Request("accounts"), PendingRequest(use: .show("Accounts")))
    case "prices": request(Request("prices"), PendingRequest(use: .show("Prices")))
    case "links": request(Request("links"), PendingRequest(use: .show("Links")))
    case "cancel-request": cancelRequest()
    case "export": export(words)
    case "book": setBook(words)
    case "currency": setCurrency(words)
    case "price": setPrice(words)
    case "link": link(words)
    case "unlink": unlink(words)
    default: preconditionFailure("Every command of the table is done somewhere.")
    }
  }

  private mutating func importFiles(_ words: [String]) {
    guard !words.isEmpty else { return say(.error, "import: which file?") }
    for word in words {
      let path = absolute(word)
      request(
        Request("import", ["path": path]),
        PendingRequest(use: .importing(path: path), isLong: true))
    }
    say(.info, words.count == 1 ? "Importing \(words[0])" : "Importing \(words.count) files")
  }

  private mutating func export(_ words: [String]) {
    guard let word = words.first else { return say(.error, "export: to which file?") }
    let path = absolute(word)
    let format = path.lowercased().hasSuffix(".csv") ? "csv" : "json"
    let what = words.count > 1 ? words[1] : format == "csv" ? "entries" : "all"
    request(
      Request("export", ["path": path, "what": what, "format": format]),
      PendingRequest(use: .say("Exported \(what) to \(path)"), isLong: true))
  }

  private mutating func cancelRequest() {
    guard let id = requests.filter({ $0.value.isLong }).keys.max() else { return }
    perform(.send(.cancel(id: id)))
    say(.info, "Cancelling.")
  }

  private mutating func setBook(_ words: [String]) {
    guard words.count == 2 else { return say(.error, "book: give an account and a book") }
    guard let account = account(named: words[0]) else {
      return say(.error, "book: no account is called '\(words[0].prefix(40))'")
    }
    request(
      Request("set-book", ["account": account.id.slug, "book": words[1]]),
      PendingRequest(use: .say("\(account.name) is in book \(words[1]).")))
  }

  private mutating func setCurrency(_ words: [String]) {
    guard words.count == 1, let currency = Currency(words[0]) else {
      return say(.error, "currency: give a code such as EUR")
    }
    request(
      Request("set-currency", ["currency": currency.code]),
      PendingRequest(use: .say("Values are in \(currency.code).")))
  }

  private mutating func setPrice(_ words: [String]) {
    guard words.count == 3, let currency = Currency(words[2]) else {
      return say(.error, "price: give an asset, a price and a currency")
    }
    guard let price = try? Fixed(parsing: words[1]), price > .zero else {
      return say(.error, "price: '\(words[1].prefix(40))' is no price")
    }
    guard let asset = asset(named: words[0], for: "price") else { return }
    let name = board?.name(of: asset) ?? asset.ticker
    request(
      Request(
        "set-price", ["asset": asset.text, "price": price.text, "currency": currency.code]),
      PendingRequest(use: .say("The price of \(name) is yours now.")))
  }

  private mutating func link(_ words: [String]) {
    guard words.count == 2 else { return say(.error, "link: give two assets") }
    guard let asset = asset(named: words[0], for: "link"),
      let target = self.asset(named: words[1], for: "link")
    else { return }
    request(
      Request("link-asset", ["asset": asset.text, "canonical": target.text]),
      PendingRequest(use: .say("\(asset.text) counts as \(target.text).")))
  }

  private mutating func unlink(_ words: [String]) {
    guard words.count == 1, let asset = AssetID(words[0]) else {
      return say(.error, "unlink: give an asset as it stands in :links")
    }
    request(
      Request("unlink-asset", ["asset": asset.text]),
      PendingRequest(use: .say("\(asset.text) counts as itself.")))
  }

  private func account(named word: String) -> Account? {
    let small = word.lowercased()
    return board?.accounts.first { $0.id.slug == small || $0.name.lowercased() == small }
  }

  /// The asset of an identity or of a ticker that only one position has.
  private mutating func asset(named word: String, for command: String) -> AssetID? {
    if let asset = AssetID(word) { return asset }
    let small = word.lowercased()
    let found = (board?.usedSlots ?? []).compactMap { board?.row($0) }
      .filter { $0.sortName == small }
    if found.count == 1 { return found[0].position.asset }
    if found.isEmpty {
      say(.error, "\(command): nothing held is called '\(word.prefix(40))'")
    } else {
      let names = found.map(\.text).sorted().joined(separator: " or ")
      say(.error, "\(command): '\(word.prefix(40))' is \(names); say which")
    }
    return nil
  }

  /// The path with the folder that it starts from.
  private func absolute(_ path: String) -> String {
    if path.hasPrefix("~/"), !settings.homeFolder.isEmpty {
      return settings.homeFolder + path.dropFirst()
    }
    guard !path.hasPrefix("/"), !path.hasPrefix("~"), !settings.workingFolder.isEmpty else {
      return path
    }
    return settings.workingFolder + "/" + path
  }
}
